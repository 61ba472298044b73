using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sks.OpenPgp;

namespace Sks.Node.Restrictions;

/// <summary>SHA-256 of a text that is not to be kept itself.</summary>
/// <param name="High">The first 16 bytes, read big-endian.</param>
/// <param name="Low">The others.</param>
public readonly record struct TextHash(UInt128 High, UInt128 Low)
{
    /// <summary>Bytes of a hash.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    private const int HalfLength = Length / 2;

    /// <summary>The hash of exactly these bytes: a user ID.</summary>
    public static TextHash Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[Length];
        SHA256.HashData(bytes, hash);
        return Read(hash);
    }

    /// <summary>The hash of a text in the form that identities are compared in: an address.</summary>
    public static TextHash OfIdentity(string text) => Of(Encoding.UTF8.GetBytes(UserIdText.Normalise(text)));

    /// <summary>Reads the first 32 bytes of <paramref name="source"/>.</summary>
    public static TextHash Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(source), BinaryPrimitives.ReadUInt128BigEndian(source[HalfLength..]));

    /// <summary>The 32 bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(HalfLength), Low);
        return bytes;
    }

    /// <summary>64 lower-case hex digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToArray());
}
