using System.Globalization;

namespace Sks.Node;

/// <summary>Cryptographic libraries of this machine verify signatures wrongly, so that no node may run on it.</summary>
/// <param name="wrongVectors">Names of the frozen signatures with a wrong verdict; at least one.</param>
public sealed class UnsoundPlatformException(IReadOnlyList<string> wrongVectors) : Exception(Describe(wrongVectors))
{
    /// <summary>Names of the frozen signatures with a wrong verdict.</summary>
    public IReadOnlyList<string> WrongVectors { get; } = wrongVectors;

    private static string Describe(IReadOnlyList<string> vectors)
    {
        string others = vectors.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $" and {vectors.Count - 1} others") : "";
        return $"this platform verifies signatures wrongly: '{vectors[0]}'{others}; no node can run here";
    }
}
