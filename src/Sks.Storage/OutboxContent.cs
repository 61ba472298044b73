namespace Sks.Storage;

/// <summary>Packets to be sent on to servers that do not ask for them, and what is known of where they have been.</summary>
/// <param name="Packets">One certificate: what came in and was accepted, not what is stored now.</param>
public sealed record OutboxContent(ReadOnlyMemory<byte> Packets)
{
    /// <summary>Address or name of the server they came from; null for a client's.</summary>
    public string? Sender { get; init; }

    /// <summary>Servers that have seen them, in their own words and in order.</summary>
    public IReadOnlyList<string> SeenBy { get; init; } = [];
}
