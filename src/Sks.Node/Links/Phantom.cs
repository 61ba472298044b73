using System.Buffers.Binary;
using Sks.OpenPgp;

namespace Sks.Node.Links;

/// <summary>Something that one end of a link refuses, and that this node makes as if it held towards the other.</summary>
/// <param name="Digest">What.</param>
/// <param name="Until">When it ends.</param>
/// <param name="AbsentAt">
/// A place in the change log at which this node did not hold it; null while that is being looked up. Before it is known, and in what is older, the
/// phantom does not count: it might be in the set.
/// </param>
/// <param name="Retractions">How many restrictions had been taken back when it was made: after another one it does not count any more.</param>
internal sealed record Phantom(ContentDigest Digest, DateTimeOffset Until, ulong? AbsentAt, int Retractions)
{
    private const int ValueLength = sizeof(long) + sizeof(int);

    /// <summary>8 bytes of seconds since 1970, 4 bytes of retractions; big-endian.</summary>
    public byte[] EncodeValue()
    {
        byte[] value = new byte[ValueLength];
        BinaryPrimitives.WriteInt64BigEndian(value, Until.ToUnixTimeSeconds());
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(sizeof(long)), Retractions);
        return value;
    }

    /// <summary>Reads what <see cref="EncodeValue"/> wrote; null when it is not that.</summary>
    public static Phantom? Decode(ContentDigest digest, ReadOnlySpan<byte> value)
    {
        if (value.Length != ValueLength)
            return null;
        long seconds = BinaryPrimitives.ReadInt64BigEndian(value);
        return seconds < 0 || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? null
            : new Phantom(digest, DateTimeOffset.FromUnixTimeSeconds(seconds), null, BinaryPrimitives.ReadInt32BigEndian(value[sizeof(long)..]));
    }
}
