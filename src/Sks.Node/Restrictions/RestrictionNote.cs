using System.Buffers.Binary;
using System.Text;

namespace Sks.Node.Restrictions;

/// <summary>What is known here about a restriction; never signed and never passed on.</summary>
/// <remarks>
/// Frozen encoding, integers big-endian: layout, 1 (1); flags (1; bit 0 issued here, bit 1 waits for confirmation, bit 2 purge noted); time
/// of arrival (8, milliseconds since 1970); time of confirmation (8; 0 for none); then author, reason and confirming author, each a length
/// (2) and UTF-8.
/// </remarks>
/// <param name="IsOwn">Whether it was issued by this node, also under a key it no longer has.</param>
/// <param name="Received">When it was issued here, or taken in.</param>
/// <param name="Author">Who ran the command.</param>
/// <param name="Reason">Why, as the author put it; may be empty.</param>
/// <param name="MustBeConfirmed">Whether a foreign erasure waits for confirmation however long it takes.</param>
/// <param name="Confirmed">When a foreign erasure was confirmed; null when it was not.</param>
/// <param name="ConfirmedBy">By whom.</param>
/// <param name="IsPurgeNoted">
/// Whether an erasure has had the store marked as in need of a purge, which is done in one batch with this, and once.
/// </param>
public sealed record RestrictionNote(
    bool IsOwn,
    DateTimeOffset Received,
    string Author,
    string Reason,
    bool MustBeConfirmed = false,
    DateTimeOffset? Confirmed = null,
    string ConfirmedBy = "",
    bool IsPurgeNoted = false)
{
    /// <summary>The most bytes that a reason or an author may take.</summary>
    public const int MaxTextBytes = 4096;

    private const byte Layout = 1;
    private const byte OwnFlag = 1;
    private const byte MustBeConfirmedFlag = 2;
    private const byte PurgeNotedFlag = 4;
    private const int ConfirmedOffset = 10;
    private const int TextsOffset = 18;

    /// <summary>The encoding.</summary>
    internal byte[] Encode()
    {
        var header = new byte[TextsOffset];
        header[0] = Layout;
        header[1] = (byte)((IsOwn ? OwnFlag : 0) | (MustBeConfirmed ? MustBeConfirmedFlag : 0) | (IsPurgeNoted ? PurgeNotedFlag : 0));
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(2), Received.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(ConfirmedOffset), Confirmed?.ToUnixTimeMilliseconds() ?? 0);
        return [.. header, .. Encode(Author), .. Encode(Reason), .. Encode(ConfirmedBy)];
    }

    /// <summary>Reads an encoding; null when it is none.</summary>
    internal static RestrictionNote? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < TextsOffset || bytes[0] != Layout)
            return null;
        long confirmed = BinaryPrimitives.ReadInt64BigEndian(bytes[ConfirmedOffset..]);
        ReadOnlySpan<byte> texts = bytes[TextsOffset..];
        return TryTake(ref texts, out string author) && TryTake(ref texts, out string reason) && TryTake(ref texts, out string confirmedBy)
            ? new RestrictionNote(
                (bytes[1] & OwnFlag) != 0,
                DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes[2..])),
                author,
                reason,
                (bytes[1] & MustBeConfirmedFlag) != 0,
                confirmed == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(confirmed),
                confirmedBy,
                (bytes[1] & PurgeNotedFlag) != 0)
            : null;
    }

    private static byte[] Encode(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, MaxTextBytes, nameof(text));
        return [(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, out string text)
    {
        text = "";
        if (rest.Length < sizeof(ushort))
            return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(rest);
        if (rest.Length < sizeof(ushort) + length)
            return false;
        text = Encoding.UTF8.GetString(rest.Slice(sizeof(ushort), length));
        rest = rest[(sizeof(ushort) + length)..];
        return true;
    }
}
