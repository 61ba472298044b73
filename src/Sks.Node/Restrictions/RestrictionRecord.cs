using System.Buffers.Binary;

namespace Sks.Node.Restrictions;

/// <summary>A restriction as its origin has signed it. Passed on unchanged, never edited, never deleted.</summary>
/// <remarks>
/// Frozen encoding, integers big-endian:
/// <code>
/// bytes  what
///     1  layout, 1
///     1  kind
///     8  sequence: ascending within one origin, about milliseconds since 1970 so that a restored node does not go back
///     8  time, milliseconds since 1970
///     1  type of the subject: 1 certificate, 2 user ID, 3 identity
///     1  length of the subject
///     …  subject: version (1) and fingerprint; the same and a SHA-256; a SHA-256
///     2  length of the public key
///     …  public key of the origin, DER of SubjectPublicKeyInfo; the node id is its SHA-256
///    64  ECDSA signature over "sks.restriction.v1", a zero byte, and everything before the signature
/// </code>
/// </remarks>
public sealed record RestrictionRecord
{
    /// <summary>The most bytes a record can take.</summary>
    public const int MaxLength = 512;

    private const byte Layout = 1;
    private const int SignatureLength = 64;
    private const int KindOffset = 1;
    private const int SequenceOffset = 2;
    private const int TimeOffset = 10;
    private const int SubjectTypeOffset = 18;
    private const int SubjectLengthOffset = 19;
    private const int SubjectOffset = 20;

    private RestrictionRecord(ReadOnlyMemory<byte> bytes) => Bytes = bytes;

    private static ReadOnlySpan<byte> Domain => "sks.restriction.v1\0"u8;

    /// <summary>The encoding.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>What is demanded.</summary>
    public required RestrictionKind Kind { get; init; }

    /// <summary>Its place among the records of its origin: about one subject the highest holds.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>When it was issued, by the origin's clock.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>What it is about.</summary>
    public required RestrictionSubject Subject { get; init; }

    /// <summary>Who issued it.</summary>
    public required NodeId Origin { get; init; }

    /// <summary>Issues a record.</summary>
    public static RestrictionRecord Create(
        NodeIdentity origin, ulong sequence, DateTimeOffset time, RestrictionKind kind, RestrictionSubject subject)
    {
        byte[] content = subject.Content;
        var header = new byte[SubjectOffset];
        header[0] = Layout;
        header[KindOffset] = (byte)kind;
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(SequenceOffset), sequence);
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(TimeOffset), time.ToUnixTimeMilliseconds());
        header[SubjectTypeOffset] = subject.Type;
        header[SubjectLengthOffset] = (byte)content.Length;
        var keyLength = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(keyLength, (ushort)origin.PublicKey.Length);
        byte[] signed = [.. header, .. content, .. keyLength, .. origin.PublicKey.Span];
        return TryRead((byte[])[.. signed, .. origin.Sign([.. Domain, .. signed])])
            ?? throw new System.Diagnostics.UnreachableException();
    }

    /// <summary>Reads an encoding. Whether its origin has signed it, <see cref="IsSigned"/> tells.</summary>
    /// <returns>Null when it is none that this release knows.</returns>
    public static RestrictionRecord? TryRead(ReadOnlyMemory<byte> bytes)
    {
        ReadOnlySpan<byte> span = bytes.Span;
        if (span.Length is < SubjectOffset or > MaxLength || span[0] != Layout || span[KindOffset] is < 1 or > (byte)RestrictionKind.Retract)
            return null;

        int keyLengthOffset = SubjectOffset + span[SubjectLengthOffset];
        int keyOffset = keyLengthOffset + sizeof(ushort);
        if (span.Length < keyOffset)
            return null;
        int signatureOffset = keyOffset + BinaryPrimitives.ReadUInt16BigEndian(span[keyLengthOffset..]);
        if (span.Length != signatureOffset + SignatureLength
            || RestrictionSubject.TryRead(span[SubjectTypeOffset], span[SubjectOffset..keyLengthOffset]) is not { } subject
            || !TryReadTime(span[TimeOffset..], out DateTimeOffset time))
        {
            return null;
        }

        return new RestrictionRecord(bytes)
        {
            Kind = (RestrictionKind)span[KindOffset],
            Sequence = BinaryPrimitives.ReadUInt64BigEndian(span[SequenceOffset..]),
            Time = time,
            Subject = subject,
            Origin = NodeId.Of(span[keyOffset..signatureOffset]),
        };
    }

    /// <summary>Whether the key in the record, whose hash is the origin, has signed it.</summary>
    public bool IsSigned()
    {
        ReadOnlySpan<byte> signed = Bytes.Span[..^SignatureLength];
        int keyOffset = SubjectOffset + signed[SubjectLengthOffset] + sizeof(ushort);
        return NodeIdentity.Verify(signed[keyOffset..], [.. Domain, .. signed], Bytes.Span[^SignatureLength..]);
    }

    private static bool TryReadTime(ReadOnlySpan<byte> bytes, out DateTimeOffset time)
    {
        long milliseconds = BinaryPrimitives.ReadInt64BigEndian(bytes);
        bool valid = milliseconds >= 0 && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        time = valid ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : default;
        return valid;
    }
}
