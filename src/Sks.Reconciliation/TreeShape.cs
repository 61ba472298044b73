namespace Sks.Reconciliation;

/// <summary>What peers must agree on to reconcile, and what follows from it.</summary>
/// <param name="Mbar">The most differences that one request of a node can settle. 5 in every known network.</param>
/// <param name="BitQuantum">Bits of the path from a node to its child: a node has 2^BitQuantum children. 2 in every known network.</param>
/// <param name="LeafSize">A node with at most this many elements is a leaf. Peers need not agree on it; SKS's is 50.</param>
public sealed record TreeShape(int Mbar = 5, int BitQuantum = 2, int LeafSize = 50)
{
    /// <summary>The shape of SKS's trees.</summary>
    public static TreeShape Default { get; } = new();

    /// <summary>Samples of a node: one more than <see cref="Mbar"/>, to check a result with.</summary>
    public int SampleCount => Mbar + 1;

    /// <summary>Children of a node that is no leaf.</summary>
    public int ChildCount => 1 << BitQuantum;
}
