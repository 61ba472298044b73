using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>A clean view that can be given to a peer.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Identity">Which certificate.</param>
/// <param name="Packets">Its packets in canonical order, ready to send.</param>
public sealed record OfferedCertificate(ContentDigest Digest, CertificateIdentity Identity, ReadOnlyMemory<byte> Packets)
{
    /// <summary>First 8 bytes of the SHA-256 of each packet with its header, in order.</summary>
    /// <exception cref="StorageException">What is stored are no packets.</exception>
    public byte[] HashPackets()
    {
        List<ReadOnlyMemory<byte>> packets = Cut();
        var hashes = new byte[packets.Count * PacketFrames.HashLength];
        for (int i = 0; i < packets.Count; i++)
            PacketFrames.Hash(packets[i].Span, hashes.AsSpan(i * PacketFrames.HashLength));
        return hashes;
    }

    /// <summary>Some of the packets, one behind the other.</summary>
    /// <param name="bits">One bit per packet, the lowest of the first byte first.</param>
    /// <returns>Null when the bits do not fit the packets.</returns>
    /// <exception cref="StorageException">What is stored are no packets.</exception>
    public ReadOnlyMemory<byte>? Select(ReadOnlySpan<byte> bits)
    {
        List<ReadOnlyMemory<byte>> packets = Cut();
        if (!PacketBits.Fit(bits, packets.Count))
            return null;
        int length = 0;
        for (int i = 0; i < packets.Count; i++)
            length += PacketBits.IsSet(bits, i) ? packets[i].Length : 0;
        var selected = new byte[length];
        Span<byte> rest = selected;
        for (int i = 0; i < packets.Count; i++)
        {
            if (!PacketBits.IsSet(bits, i))
                continue;
            packets[i].Span.CopyTo(rest);
            rest = rest[packets[i].Length..];
        }

        return selected;
    }

    private List<ReadOnlyMemory<byte>> Cut() =>
        PacketFrames.TryCut(Packets) ?? throw new StorageException(StorageErrorKind.Corrupt, $"The clean view of {Identity.Fingerprint} is damaged.");
}
