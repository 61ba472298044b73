using System.Diagnostics.Metrics;

namespace Sks.Grpc.Peers;

/// <summary>Tells meters about the listener for peers.</summary>
internal sealed class PeerServerMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Sks.Grpc";

    private readonly Meter _meter = new(MeterName);

    public PeerServerMetrics(RefusedPeers refused) => _meter.CreateObservableCounter(
        "peer_calls_refused", () => refused.Count, "{call}", "Calls for peers that were refused because whoever made them is none.");

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
