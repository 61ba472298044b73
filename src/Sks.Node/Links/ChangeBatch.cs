using System.Buffers;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>What some consecutive changes do to the set of clean views of one policy.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Before">Where the log stood before them.</param>
/// <param name="After">Where it stands behind them.</param>
/// <param name="Entered">Digests that entered the set: 32 bytes each.</param>
/// <param name="Left">Digests that left it: 32 bytes each.</param>
internal sealed record ChangeBatch(int Policy, ulong Before, ulong After, ReadOnlyMemory<byte> Entered, ReadOnlyMemory<byte> Left)
{
    /// <summary>Reads what follows in the log.</summary>
    /// <param name="store">Whose log.</param>
    /// <param name="sequence">Behind which change.</param>
    /// <param name="policy">Null for the policy of the first change.</param>
    /// <returns>Null when the log does not tell: it does not reach back, is of another policy, or something was removed that nobody could read.</returns>
    public static ChangeBatch? Read(CertificateStore store, ulong sequence, int? policy)
    {
        IReadOnlyList<Change> changes = store.ReadChanges(sequence);
        if (changes.Count == 0)
            return null;
        int version = policy ?? changes[0].PolicyVersion;
        var entered = new ArrayBufferWriter<byte>();
        var left = new ArrayBufferWriter<byte>();
        ulong after = sequence;
        foreach (Change change in changes)
        {
            if (change.Sequence != after + 1 || change.PolicyVersion != version || (change.IsAddition && change.IsRemoval))
                return null;
            after = change.Sequence;
            if (change.OldContent == change.NewContent)
                continue;
            Add(left, change.OldContent);
            Add(entered, change.NewContent);
        }

        return new ChangeBatch(version, sequence, after, entered.WrittenMemory, left.WrittenMemory);
    }

    private static void Add(ArrayBufferWriter<byte> digests, ContentDigest? digest)
    {
        if (digest is { } present)
            digests.Write(present.Span);
    }
}
