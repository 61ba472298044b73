using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Sks.OpenPgp;

/// <summary>The digest that names one exact version of a certificate in SKS reconciliation.</summary>
/// <remarks>
/// 16 bytes: MD5 over the certificate's packets sorted by (tag, body), each written as tag and body length
/// (32-bit big-endian) and body. Source: keyHash.ml. Any changed packet gives another digest; it is no security boundary.
/// </remarks>
/// <param name="Value">The 16 bytes, read big-endian.</param>
public readonly record struct SksDigest(UInt128 Value)
{
    /// <summary>Bytes of a digest.</summary>
    public const int Length = 16;

    private const int PrefixLength = 8;

    /// <summary>Reads the first 16 bytes of <paramref name="source"/>.</summary>
    public static SksDigest Read(ReadOnlySpan<byte> source) => new(BinaryPrimitives.ReadUInt128BigEndian(source));

    /// <summary>Reads 32 hex digits of either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out SksDigest digest)
    {
        Span<byte> bytes = stackalloc byte[Length];
        bool valid = text.Length == 2 * Length
            && Convert.FromHexString(text, bytes, out _, out _) == OperationStatus.Done;
        digest = valid ? Read(bytes) : default;
        return valid;
    }

    /// <summary>Computes the digest of <paramref name="packets"/>, which are sorted in place.</summary>
    public static SksDigest Compute(Span<Packet> packets)
    {
        packets.Sort(PacketComparison.ForDigest);
        int length = 0;
        foreach (ref readonly Packet packet in packets)
            length += PrefixLength + packet.Body.Length;

        // One call over one buffer is faster than feeding an incremental hash packet by packet.
        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        Span<byte> rest = rented;
        foreach (ref readonly Packet packet in packets)
        {
            BinaryPrimitives.WriteInt32BigEndian(rest, (byte)packet.Tag);
            BinaryPrimitives.WriteInt32BigEndian(rest[4..], packet.Body.Length);
            packet.Span.CopyTo(rest[PrefixLength..]);
            rest = rest[(PrefixLength + packet.Body.Length)..];
        }

        Span<byte> hash = stackalloc byte[Length];
        MD5.HashData(rented.AsSpan(0, length), hash);
        ArrayPool<byte>.Shared.Return(rented);
        return Read(hash);
    }

    /// <summary>Writes 16 bytes, big-endian.</summary>
    public void Write(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Value);

    /// <summary>32 upper-case hex digits, as SKS writes them.</summary>
    public override string ToString() => Value.ToString("X32", CultureInfo.InvariantCulture);
}
