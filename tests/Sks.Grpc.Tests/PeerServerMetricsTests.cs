using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Sks.Grpc.Peers;

namespace Sks.Grpc.Tests;

public class PeerServerMetricsTests
{
    [Fact]
    public void Calls_that_were_refused_are_told()
    {
        const long Calls = 4711; // more than servers of other tests see
        var refused = new RefusedPeers(NullLogger.Instance);
        using var metrics = new PeerServerMetrics(refused);
        for (int i = 0; i < Calls; i++)
            refused.Note(null);

        Assert.Contains(Calls, Collect("peer_calls_refused"));
    }

    /// <summary>The values that all servers of this process tell.</summary>
    internal static List<long> Collect(string name)
    {
        List<long> values = [];
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == PeerServerMetrics.MeterName && instrument.Name == name)
                listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => values.Add(value));
        listener.Start();
        listener.RecordObservableInstruments();
        return values;
    }
}
