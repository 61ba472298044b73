using System.Diagnostics.Metrics;
using System.Globalization;
using Sks.Node.Links;
using Sks.Node.Peers;

namespace Sks.Node.Tests;

public class PeerMetricsTests
{
    [Fact]
    public void Every_number_is_told_for_each_peer_but_this_node()
    {
        var peers = new PeerRegistry();
        peers.SetPeers(PeerKind.Sks, ["metrics-one 11370", "metrics-self 11370"]);
        peers.Update("metrics-self 11370", static status => status with { IsSelf = true, Sessions = 99 });
        peers.Update("metrics-one 11370", static status => status with
        {
            LastContact = DateTimeOffset.UnixEpoch.AddSeconds(1.5),
            Sessions = 1,
            Errors = 2,
            Differences = 4,
            Recovered = 5,
            BytesReceived = 6,
            BytesSent = 7,
            Aliases = 8,
            Ineffective = 9,
        });
        using var metrics = new PeerMetrics(peers);

        Assert.Equal(
            [
                "peer_aliases peer=metrics-one 11370: 8",
                "peer_bytes peer=metrics-one 11370,direction=received: 6",
                "peer_bytes peer=metrics-one 11370,direction=sent: 7",
                "peer_differences peer=metrics-one 11370: 4",
                "peer_errors peer=metrics-one 11370: 2",
                "peer_ineffective peer=metrics-one 11370: 9",
                "peer_last_contact_timestamp peer=metrics-one 11370: 1.5",
                "peer_recovered peer=metrics-one 11370: 5",
                "peer_sessions peer=metrics-one 11370: 1",
            ],
            Collect());
    }

    [Fact]
    public void Nodes_of_our_own_kind_have_numbers_of_their_own()
    {
        var peers = new PeerRegistry();
        peers.SetPeers(PeerKind.Modern, ["metrics-node"]);
        peers.Update("metrics-node", static status => status with
        {
            IsConnected = true,
            Sent = 1,
            Phantoms = 2,
            Sessions = 3,
            Excesses = 4,
            Refused = status.Refused.Add(RefusalReason.TooLarge, 5).Add(RefusalReason.Other, 6),
        });
        using var metrics = new PeerMetrics(peers);

        Assert.Equal(
            [
                "peer_bytes peer=metrics-node,direction=received: 0",
                "peer_bytes peer=metrics-node,direction=sent: 0",
                "peer_connected peer=metrics-node: 1",
                "peer_differences peer=metrics-node: 0",
                "peer_errors peer=metrics-node: 0",
                "peer_excesses peer=metrics-node: 4",
                "peer_phantoms peer=metrics-node: 2",
                "peer_recovered peer=metrics-node: 0",
                "peer_refused peer=metrics-node,reason=Other: 6",
                "peer_refused peer=metrics-node,reason=TooLarge: 5",
                "peer_sent peer=metrics-node: 1",
                "peer_sessions peer=metrics-node: 3",
            ],
            Collect());
    }

    // Other tests have nodes of their own at the same time: what counts are the peers of this one.
    private static List<string> Collect()
    {
        List<string> lines = [];
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == NodeMetrics.MeterName && instrument.Name.StartsWith("peer_", StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value.ToString(CultureInfo.InvariantCulture), tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value.ToString(CultureInfo.InvariantCulture), tags));
        listener.Start();
        listener.RecordObservableInstruments();
        lines.Sort(StringComparer.Ordinal);
        return lines;

        void Add(Instrument instrument, string value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string labels = string.Join(',', tags.ToArray().Select(static tag => $"{tag.Key}={tag.Value}"));
            if (labels.StartsWith("peer=metrics-", StringComparison.Ordinal))
                lines.Add($"{instrument.Name} {labels}: {value}");
        }
    }
}
