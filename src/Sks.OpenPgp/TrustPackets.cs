using System.Buffers;

namespace Sks.OpenPgp;

/// <summary>Removes trust packets: notes of one keyring that mean nothing in another, which Hockeypuck sends along with what peers ask for.</summary>
/// <remarks>Source: RFC 9580 section 5.10; readers ignore them.</remarks>
public static class TrustPackets
{
    /// <summary>The packets without trust packets; the same memory when there are none, or when what follows them cannot be read.</summary>
    public static ReadOnlyMemory<byte> Remove(ReadOnlyMemory<byte> packets)
    {
        List<(int Start, int Length)> kept = [];
        bool hasTrust = false;
        for (int offset = 0; offset < packets.Length;)
        {
            if (PacketHeader.TryRead(packets.Span[offset..], out PacketHeader header, out _) != OperationStatus.Done
                || header.TotalLength > packets.Length - offset)
            {
                return packets;
            }

            if (header.Tag == PacketTag.Trust)
                hasTrust = true;
            else
                kept.Add((offset, (int)header.TotalLength));
            offset += (int)header.TotalLength;
        }

        if (!hasTrust)
            return packets;
        byte[] rest = new byte[kept.Sum(static packet => packet.Length)];
        int end = 0;
        foreach ((int start, int length) in kept)
        {
            packets.Span.Slice(start, length).CopyTo(rest.AsSpan(end));
            end += length;
        }

        return rest;
    }
}
