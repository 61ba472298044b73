using System.Buffers.Binary;
using Sks.OpenPgp;

namespace Sks.Node.Peers;

/// <summary>Something that a peer holds and this node will not: during sessions with that peer this node makes as if it held it.</summary>
/// <param name="Offered">Digest of what the peer holds.</param>
/// <param name="Hidden">Digest of what stands for it here, which brings the peer nothing: it is not shown to the peer. Null for none.</param>
/// <param name="Until">When it is looked at again.</param>
/// <param name="Retractions">How many restrictions had been taken back when it was made: after another one it is looked at again.</param>
internal sealed record PeerAlias(SksDigest Offered, SksDigest? Hidden, DateTimeOffset Until, int Retractions)
{
    private const int ValueLength = sizeof(long) + sizeof(int);

    /// <summary>8 bytes of Unix time in seconds, 4 bytes of retractions, and the 16 bytes of the hidden digest if there is one.</summary>
    public byte[] EncodeValue()
    {
        byte[] value = new byte[ValueLength + (Hidden is null ? 0 : SksDigest.Length)];
        BinaryPrimitives.WriteInt64BigEndian(value, Until.ToUnixTimeSeconds());
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(sizeof(long)), Retractions);
        Hidden?.Write(value.AsSpan(ValueLength));
        return value;
    }

    /// <summary>Reads what <see cref="EncodeValue"/> wrote; null when it is not that.</summary>
    public static PeerAlias? Decode(SksDigest offered, ReadOnlySpan<byte> value)
    {
        if (value.Length is not (ValueLength or ValueLength + SksDigest.Length))
            return null;
        long seconds = BinaryPrimitives.ReadInt64BigEndian(value);
        return seconds < 0 || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? null
            : new PeerAlias(
                offered,
                value.Length == ValueLength ? null : SksDigest.Read(value[ValueLength..]),
                DateTimeOffset.FromUnixTimeSeconds(seconds),
                BinaryPrimitives.ReadInt32BigEndian(value[sizeof(long)..]));
    }
}
