using System.Buffers.Binary;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>How a change lies in <see cref="Family.Changes"/>. Frozen: a change here is a new <see cref="StoreFormat"/>.</summary>
/// <remarks>
/// Time (8, milliseconds since 1970), source (1), flags (1; bit 0: old digest present, bit 1: new digest absent), old digest (16),
/// new digest (16), identity. An absent digest is zeros.
/// </remarks>
internal static class ChangeCodec
{
    private const byte HasOldDigest = 1;
    private const byte IsRemoval = 2;
    private const int SourceOffset = 8;
    private const int FlagsOffset = 9;
    private const int OldDigestOffset = 10;
    private const int NewDigestOffset = OldDigestOffset + SksDigest.Length;
    private const int IdentityOffset = NewDigestOffset + SksDigest.Length;

    public static byte[] Encode(Change change)
    {
        var value = new byte[IdentityOffset + change.Identity.Span.Length];
        BinaryPrimitives.WriteInt64BigEndian(value, change.Time.ToUnixTimeMilliseconds());
        value[SourceOffset] = (byte)change.Source;
        if (change.OldDigest is { } oldDigest)
        {
            value[FlagsOffset] = HasOldDigest;
            oldDigest.Write(value.AsSpan(OldDigestOffset));
        }

        if (change.NewDigest is { } newDigest)
            newDigest.Write(value.AsSpan(NewDigestOffset));
        else
            value[FlagsOffset] |= IsRemoval;
        change.Identity.Span.CopyTo(value.AsSpan(IdentityOffset));
        return value;
    }

    public static Change Decode(ulong sequence, ReadOnlySpan<byte> value) => new(
        sequence,
        ReadTime(value),
        CertificateIdentity.Read(value[IdentityOffset..]),
        (value[FlagsOffset] & HasOldDigest) != 0 ? SksDigest.Read(value[OldDigestOffset..]) : null,
        (value[FlagsOffset] & IsRemoval) == 0 ? SksDigest.Read(value[NewDigestOffset..]) : null,
        (ChangeSource)value[SourceOffset]);

    public static DateTimeOffset ReadTime(ReadOnlySpan<byte> value) =>
        DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(value));
}
