using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sks.Node;

/// <summary>Names a node: the SHA-256 of its public key.</summary>
/// <remarks>32 bytes, over the DER encoding of the key's SubjectPublicKeyInfo. Nobody but the holder of the private key can act under it.</remarks>
/// <param name="High">The first 16 bytes, read big-endian.</param>
/// <param name="Low">The others.</param>
public readonly record struct NodeId(UInt128 High, UInt128 Low)
{
    /// <summary>Bytes of an id.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    private const int HalfLength = Length / 2;

    /// <summary>The id of the node with this public key.</summary>
    /// <param name="subjectPublicKeyInfo">DER.</param>
    public static NodeId Of(ReadOnlySpan<byte> subjectPublicKeyInfo) => Read(SHA256.HashData(subjectPublicKeyInfo));

    /// <summary>Reads the first 32 bytes of <paramref name="source"/>.</summary>
    public static NodeId Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(source), BinaryPrimitives.ReadUInt128BigEndian(source[HalfLength..]));

    /// <summary>Reads 64 hex digits of either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out NodeId id)
    {
        Span<byte> bytes = stackalloc byte[Length];
        bool valid = text.Length == 2 * Length && Convert.FromHexString(text, bytes, out _, out _) == OperationStatus.Done;
        id = valid ? Read(bytes) : default;
        return valid;
    }

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
