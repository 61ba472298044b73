using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>The digests of dialects at the end of a record: how many (1), then per dialect profile (1), number of its rules (1), whether it holds anything (1), digest (16).</summary>
/// <remarks>Kept, although they follow from the packets, because the rows of a certificate must be found again when the rules have changed since.</remarks>
internal static class RecordDialects
{
    private const int EntryLength = 3 + SksDigest.Length;

    /// <summary>Bytes of the section; there is none without dialects.</summary>
    public static int GetLength(int dialects) => dialects == 0 ? 0 : 1 + (dialects * EntryLength);

    /// <summary>Writes the section.</summary>
    public static void Write(Span<byte> section, IReadOnlyList<DialectDigest> dialects)
    {
        if (dialects.Count == 0)
            return;
        section[0] = checked((byte)dialects.Count);
        Span<byte> entry = section[1..];
        foreach (DialectDigest dialect in dialects)
        {
            entry[0] = dialect.Profile;
            entry[1] = dialect.RulesVersion;
            entry[2] = dialect.Digest is null ? (byte)0 : (byte)1;
            dialect.Digest?.Write(entry[3..]);
            entry = entry[EntryLength..];
        }
    }

    /// <summary>Whether the section is as long as it says, and ends with the record.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> section) => !section.IsEmpty && section[0] > 0 && section.Length == GetLength(section[0]);

    /// <summary>Reads a whole section; none of an empty one.</summary>
    public static IReadOnlyList<DialectDigest> Read(ReadOnlySpan<byte> section)
    {
        if (section.IsEmpty)
            return [];
        var dialects = new DialectDigest[section[0]];
        ReadOnlySpan<byte> entry = section[1..];
        foreach (ref DialectDigest dialect in dialects.AsSpan())
        {
            dialect = new DialectDigest(entry[0], entry[1], entry[2] == 0 ? null : SksDigest.Read(entry[3..]));
            entry = entry[EntryLength..];
        }

        return dialects;
    }
}
