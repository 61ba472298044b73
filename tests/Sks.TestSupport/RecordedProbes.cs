using System.Text.Json;

namespace Sks.TestSupport;

/// <summary>What a real SKS made of one input.</summary>
/// <param name="Sent">Hex of all that the other side sent.</param>
/// <param name="Got">Hex of all that SKS sent.</param>
/// <param name="End"><c>EOF</c> when SKS closed the connection within 1.2 s, else <c>OPEN</c>.</param>
public sealed record RecordedProbe(string Case, string Sent, string Got, string End);

/// <summary>Inputs that a peer could send, good and bad, and what a real SKS made of them.</summary>
/// <param name="Elements">What that SKS had.</param>
/// <param name="Responder">SKS was contacted.</param>
/// <param name="Initiator">SKS made contact.</param>
public sealed record RecordedProbes(
    IReadOnlyList<string> Elements, IReadOnlyList<RecordedProbe> Responder, IReadOnlyList<RecordedProbe> Initiator)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static RecordedProbes All { get; } =
        JsonSerializer.Deserialize<RecordedProbes>(TestData.Read("reconciliation", "probes.json"), Options)!;
}
