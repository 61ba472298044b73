using System.Buffers.Binary;
using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>The packets of a stored certificate by their hashes: those of the clean view of one policy, and those of the full view.</summary>
/// <remarks>Where two packets share a hash, one of them is found; the digest of what is put together tells whether it was the right one.</remarks>
internal sealed class HeldPackets
{
    private readonly Dictionary<ulong, ReadOnlyMemory<byte>> _packets = [];

    /// <summary>Hashes the packets.</summary>
    /// <exception cref="StorageException">The record is damaged.</exception>
    public HeldPackets(StoredCertificate stored, int policyVersion)
    {
        if (stored.CleanView(policyVersion) is { } clean)
            Add(stored, clean);
        if (stored.FullView is { } full)
            Add(stored, full);
    }

    /// <summary>Which packets of an outline are not among them: one bit each; null when that is all of them.</summary>
    public byte[]? FindMissing(ReadOnlySpan<byte> hashes)
    {
        int count = hashes.Length / PacketFrames.HashLength;
        var missing = new byte[PacketBits.GetLength(count)];
        bool holdsSome = false;
        for (int i = 0; i < count; i++)
        {
            if (_packets.ContainsKey(Read(hashes, i)))
                holdsSome = true;
            else
                PacketBits.Set(missing, i);
        }

        return holdsSome ? missing : null;
    }

    /// <summary>Puts a certificate together of what was sent and what is held.</summary>
    /// <param name="outline">What it consists of.</param>
    /// <param name="missing">Which packets were asked for: one bit for each hash of the outline.</param>
    /// <param name="sent">Those packets.</param>
    /// <returns>Null when that does not make as many bytes and packets as the outline says.</returns>
    public byte[]? Assemble(CertificateOutline outline, ReadOnlySpan<byte> missing, List<ReadOnlyMemory<byte>> sent)
    {
        // Hashes may repeat: what they come to is known before there is memory for it.
        List<ReadOnlyMemory<byte>> parts = [];
        long length = 0;
        int next = 0;
        for (int i = 0; i < outline.PacketHashes.Length / PacketFrames.HashLength; i++)
        {
            ReadOnlyMemory<byte> part;
            if (PacketBits.IsSet(missing, i))
            {
                if (next == sent.Count)
                    return null;
                part = sent[next++];
            }
            else if (!_packets.TryGetValue(Read(outline.PacketHashes.Span, i), out part))
            {
                return null;
            }

            parts.Add(part);
            length += part.Length;
        }

        if (next != sent.Count || length != outline.Size)
            return null;
        var assembled = new byte[length];
        Span<byte> rest = assembled;
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            part.Span.CopyTo(rest);
            rest = rest[part.Length..];
        }

        return assembled;
    }

    private static ulong Read(ReadOnlySpan<byte> hashes, int packet) => BinaryPrimitives.ReadUInt64BigEndian(hashes[(packet * PacketFrames.HashLength)..]);

    private void Add(StoredCertificate stored, in StoredView view)
    {
        List<ReadOnlyMemory<byte>> packets = PacketFrames.TryCut(view.ToMemory())
            ?? throw new StorageException(StorageErrorKind.Corrupt, $"The record of {stored.Identity.Fingerprint} is damaged.");
        Span<byte> hash = stackalloc byte[PacketFrames.HashLength];
        foreach (ReadOnlyMemory<byte> packet in packets)
        {
            PacketFrames.Hash(packet.Span, hash);
            _packets.TryAdd(Read(hash, 0), packet);
        }
    }
}
