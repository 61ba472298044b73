using System.Buffers.Binary;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>How a change lies in <see cref="Family.Changes"/>. Frozen: a change here is a new <see cref="StoreFormat"/>.</summary>
/// <remarks>
/// <para>Time (8, milliseconds since 1970), source (1), flags (1), policy version (4), then as the flags say old (bit 0) and new (bit 1)
/// digest of the full view (16 each) and old (bit 2) and new (bit 3) digest of the clean view (32 each), then the identity. Bit 7 is set.</para>
/// <para>Format 1, without bit 7: time, source, flags (bit 0: old digest present), old digest (16, zeros when absent), new digest, identity.</para>
/// </remarks>
internal static class ChangeCodec
{
    private const byte HasOldDigest = 1;
    private const byte HasNewDigest = 2;
    private const byte HasOldContent = 4;
    private const byte HasNewContent = 8;
    private const byte IsFormat2 = 0x80;
    private const int SourceOffset = 8;
    private const int FlagsOffset = 9;
    private const int PolicyOffset = 10;
    private const int DigestsOffset = 14;
    private const int FirstDigestOffset = 10;

    public static byte[] Encode(Change change)
    {
        var value = new byte[DigestsOffset + (2 * SksDigest.Length) + (2 * ContentDigest.Length) + CertificateIdentity.MaxLength];
        BinaryPrimitives.WriteInt64BigEndian(value, change.Time.ToUnixTimeMilliseconds());
        value[SourceOffset] = (byte)change.Source;
        value[FlagsOffset] = IsFormat2;
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(PolicyOffset), change.PolicyVersion);
        int at = DigestsOffset;
        Put(change.OldDigest, HasOldDigest);
        Put(change.NewDigest, HasNewDigest);
        PutContent(change.OldContent, HasOldContent);
        PutContent(change.NewContent, HasNewContent);
        change.Identity.Span.CopyTo(value.AsSpan(at));
        return value[..(at + change.Identity.Span.Length)];

        void Put(SksDigest? digest, byte flag)
        {
            if (digest is not { } present)
                return;
            value[FlagsOffset] |= flag;
            present.Write(value.AsSpan(at));
            at += SksDigest.Length;
        }

        void PutContent(ContentDigest? digest, byte flag)
        {
            if (digest is not { } present)
                return;
            value[FlagsOffset] |= flag;
            present.Span.CopyTo(value.AsSpan(at));
            at += ContentDigest.Length;
        }
    }

    public static Change Decode(ulong sequence, ReadOnlySpan<byte> value)
    {
        byte flags = value[FlagsOffset];
        bool isFormat2 = (flags & IsFormat2) != 0;
        bool hasOldDigest = (flags & HasOldDigest) != 0;
        ReadOnlySpan<byte> rest = value[(isFormat2 ? DigestsOffset : FirstDigestOffset)..];
        SksDigest? oldDigest = hasOldDigest ? SksDigest.Read(rest) : null;
        rest = hasOldDigest || !isFormat2 ? rest[SksDigest.Length..] : rest;
        bool hasNewDigest = (flags & HasNewDigest) != 0 || !isFormat2;
        SksDigest? newDigest = hasNewDigest ? SksDigest.Read(rest) : null;
        rest = hasNewDigest ? rest[SksDigest.Length..] : rest;
        ContentDigest? oldContent = TakeContent(ref rest, isFormat2 && (flags & HasOldContent) != 0);
        ContentDigest? newContent = TakeContent(ref rest, isFormat2 && (flags & HasNewContent) != 0);
        return new Change(
            sequence,
            ReadTime(value),
            CertificateIdentity.Read(rest),
            oldDigest,
            newDigest,
            (ChangeSource)value[SourceOffset],
            isFormat2 ? BinaryPrimitives.ReadInt32BigEndian(value[PolicyOffset..]) : 0,
            oldContent,
            newContent);
    }

    public static DateTimeOffset ReadTime(ReadOnlySpan<byte> value) =>
        DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(value));

    private static ContentDigest? TakeContent(ref ReadOnlySpan<byte> rest, bool isPresent)
    {
        if (!isPresent)
            return null;
        ContentDigest digest = ContentDigest.Read(rest);
        rest = rest[ContentDigest.Length..];
        return digest;
    }
}
