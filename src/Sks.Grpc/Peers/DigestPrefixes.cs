using System.Buffers.Binary;
using Google.Protobuf;

namespace Sks.Grpc.Peers;

/// <summary>First 8 bytes of content digests, big-endian, as they stand one behind the other in messages.</summary>
internal static class DigestPrefixes
{
    /// <summary>Most in one message.</summary>
    public const int MaxCount = 4096;

    /// <summary>Reads them.</summary>
    /// <exception cref="PeerProtocolException">There are too many, or half a one.</exception>
    public static ulong[] Read(ByteString bytes)
    {
        if (bytes.Length % sizeof(ulong) != 0 || bytes.Length > MaxCount * sizeof(ulong))
            throw new PeerProtocolException("malformed list of prefixes");
        ulong[] prefixes = new ulong[bytes.Length / sizeof(ulong)];
        for (int i = 0; i < prefixes.Length; i++)
            prefixes[i] = BinaryPrimitives.ReadUInt64BigEndian(bytes.Span[(i * sizeof(ulong))..]);
        return prefixes;
    }

    /// <summary>Writes them.</summary>
    public static ByteString Write(IReadOnlyList<ulong> prefixes)
    {
        byte[] bytes = new byte[prefixes.Count * sizeof(ulong)];
        for (int i = 0; i < prefixes.Count; i++)
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(i * sizeof(ulong)), prefixes[i]);
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    /// <summary>The prefix of a digest.</summary>
    public static ulong Of(Sks.OpenPgp.ContentDigest digest) => BinaryPrimitives.ReadUInt64BigEndian(digest.Span);
}
