using System.Buffers;
using System.Security.Cryptography;
using Sks.OpenPgp;

namespace Sks.Node.Links;

/// <summary>Cuts bytes into OpenPGP packets and names packets by their hashes, without looking into them.</summary>
public static class PacketFrames
{
    /// <summary>Bytes of the hash of a packet.</summary>
    public const int HashLength = 8;

    /// <summary>The packets in <paramref name="bytes"/>, each with its header.</summary>
    /// <param name="bytes">Whole packets, one behind the other.</param>
    /// <param name="maxPackets">The most that are accepted.</param>
    /// <returns>Null when these are no whole packets, or too many.</returns>
    public static List<ReadOnlyMemory<byte>>? TryCut(ReadOnlyMemory<byte> bytes, int maxPackets = int.MaxValue)
    {
        List<ReadOnlyMemory<byte>> packets = [];
        while (!bytes.IsEmpty)
        {
            if (packets.Count == maxPackets
                || PacketHeader.TryRead(bytes.Span, out PacketHeader header, out _) != OperationStatus.Done
                || header.TotalLength > bytes.Length)
            {
                return null;
            }

            packets.Add(bytes[..(int)header.TotalLength]);
            bytes = bytes[(int)header.TotalLength..];
        }

        return packets;
    }

    /// <summary>Writes the first 8 bytes of the SHA-256 of a packet with its header.</summary>
    public static void Hash(ReadOnlySpan<byte> packet, Span<byte> destination)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(packet, hash);
        hash[..HashLength].CopyTo(destination);
    }
}
