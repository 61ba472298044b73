namespace Sks.OpenPgp;

/// <summary>One packet: its tag and its body. How its header was written is not kept, as it means nothing.</summary>
/// <param name="Tag">The packet's type.</param>
/// <param name="Body">The bytes behind the header; a slice of the memory it was read from.</param>
public readonly record struct Packet(PacketTag Tag, ReadOnlyMemory<byte> Body)
{
    /// <summary>The body as a span.</summary>
    public ReadOnlySpan<byte> Span => Body.Span;

    /// <summary>Whether both are the same packet, byte by byte.</summary>
    public bool SameAs(in Packet other) => Tag == other.Tag && Span.SequenceEqual(other.Span);
}
