namespace Sks.Node.Links;

/// <summary>One bit per packet, the lowest of the first byte first.</summary>
public static class PacketBits
{
    /// <summary>Bytes for so many packets.</summary>
    public static int GetLength(int packets) => (packets + 7) / 8;

    /// <summary>Whether there is one bit for each packet, and none beyond.</summary>
    public static bool Fit(ReadOnlySpan<byte> bits, int packets) =>
        bits.Length == GetLength(packets) && (packets % 8 == 0 || bits[^1] >> (packets % 8) == 0);

    /// <summary>Whether the bit of a packet is set.</summary>
    public static bool IsSet(ReadOnlySpan<byte> bits, int packet) => (bits[packet / 8] >> (packet % 8) & 1) != 0;

    /// <summary>Sets the bit of a packet.</summary>
    public static void Set(Span<byte> bits, int packet) => bits[packet / 8] |= (byte)(1 << (packet % 8));
}
