using Sks.OpenPgp;

namespace Sks.LoadHarness.Synthetic;

/// <summary>Packets one behind the other.</summary>
internal sealed class PacketBuffer
{
    private readonly List<byte> _bytes = [];

    public void Add(PacketTag tag, byte[] body)
    {
        var packet = new byte[PacketWriter.GetLength(tag, body.Length)];
        PacketWriter.Write(new Packet(tag, body), packet);
        _bytes.AddRange(packet);
    }

    public byte[] ToArray() => [.. _bytes];
}
