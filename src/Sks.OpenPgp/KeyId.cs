using System.Buffers.Binary;
using System.Globalization;

namespace Sks.OpenPgp;

/// <summary>A 64-bit key ID: a hint for look-ups, never an identity. 32-bit IDs do not exist here: they are forged at will.</summary>
/// <param name="Value">The eight bytes, read big-endian.</param>
public readonly record struct KeyId(ulong Value)
{
    /// <summary>Bytes of a key ID.</summary>
    public const int Length = 8;

    /// <summary>Reads the first eight bytes of <paramref name="source"/>.</summary>
    public static KeyId Read(ReadOnlySpan<byte> source) => new(BinaryPrimitives.ReadUInt64BigEndian(source));

    /// <summary>Writes eight bytes, big-endian.</summary>
    public void Write(Span<byte> destination) => BinaryPrimitives.WriteUInt64BigEndian(destination, Value);

    /// <summary>16 upper-case hex digits.</summary>
    public override string ToString() => Value.ToString("X16", CultureInfo.InvariantCulture);
}
