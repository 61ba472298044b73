using System.Diagnostics.Metrics;

namespace Sks.Node.Peers;

/// <summary>Tells meters how it goes with the peers; each number has the label <c>peer</c>, the peer's name.</summary>
internal sealed class PeerMetrics : IDisposable
{
    private readonly Meter _meter = new(NodeMetrics.MeterName);
    private readonly PeerRegistry _peers;

    public PeerMetrics(PeerRegistry peers)
    {
        _peers = peers;
        _meter.CreateObservableCounter("peer_sessions", () => Read(static peer => peer.Sessions), "{session}", "Sessions that came to their proper end.");
        _meter.CreateObservableCounter("peer_errors", () => Read(static peer => peer.Errors), "{session}", "Sessions and attempts that did not.");
        _meter.CreateObservableCounter(
            "peer_differences", () => Read(static peer => peer.Differences), "{certificate}", "Certificates that sessions found only the peer to have.");
        _meter.CreateObservableCounter(
            "peer_recovered", () => Read(static peer => peer.Recovered), "{certificate}", "Certificates fetched from the peer that changed what is stored.");
        _meter.CreateObservableCounter("peer_bytes", ReadBytes, "By", "Bytes of sessions and certificates, by direction.");
        _meter.CreateObservableGauge(
            "peer_aliases", () => Read([PeerKind.Sks], static peer => peer.Aliases), "{digest}", "Digests that the peer holds and this node will not.");
        _meter.CreateObservableGauge(
            "peer_ineffective",
            () => Read([PeerKind.Sks], static peer => peer.Ineffective),
            "{digest}",
            "Digests that the peer has offered in three rounds or more without effect: above 0, the two never become equal.");
        _meter.CreateObservableGauge(
            "peer_connected", () => Read([PeerKind.Modern], static peer => peer.IsConnected ? 1 : 0), "{connection}", "Whether there is a connection: 1 or 0.");
        _meter.CreateObservableCounter(
            "peer_sent", () => Read([PeerKind.Modern, PeerKind.Pks], static peer => peer.Sent), "{certificate}", "Certificates sent to the peer.");
        _meter.CreateObservableGauge(
            "peer_waiting", () => Read([PeerKind.Pks], static peer => peer.Waiting), "{certificate}", "Certificates that wait to be sent by mail or over HTTP.");
        _meter.CreateObservableGauge(
            "peer_phantoms",
            () => Read([PeerKind.Modern], static peer => peer.Phantoms),
            "{digest}",
            "Digests that this node or the peer refuses and that are left alone.");
        _meter.CreateObservableCounter("peer_refused", ReadRefused, "{certificate}", "Certificates of this node's that the peer has refused, by reason.");
        _meter.CreateObservableCounter(
            "peer_excesses", () => Read([PeerKind.Modern], static peer => peer.Excesses), "{session}", "Sessions that ended because the peer asked for too much.");
        _meter.CreateObservableGauge(
            "peer_last_contact_timestamp", () => ReadTimes(static peer => peer.LastContact), "s", "When there was a session last, in seconds since 1970.");
        _meter.CreateObservableGauge(
            "peer_last_success_timestamp",
            () => ReadTimes(static peer => peer.LastSuccess),
            "s",
            "When a session came to its proper end last, in seconds since 1970.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Label(PeerStatus peer) => new("peer", peer.Name);

    // What this node does with itself would be zeros that look like trouble.
    private IEnumerable<PeerStatus> Others() => _peers.Read().Where(static peer => !peer.IsSelf);

    private IEnumerable<Measurement<long>> Read(Func<PeerStatus, long> number) =>
        Others().Select(peer => new Measurement<long>(number(peer), Label(peer)));

    private IEnumerable<Measurement<long>> Read(PeerKind[] kinds, Func<PeerStatus, long> number) =>
        Others().Where(peer => kinds.Contains(peer.Kind)).Select(peer => new Measurement<long>(number(peer), Label(peer)));

    private IEnumerable<Measurement<long>> ReadBytes() => Others().SelectMany(static peer => (Measurement<long>[])
    [
        new(peer.BytesReceived, Label(peer), new("direction", "received")),
        new(peer.BytesSent, Label(peer), new("direction", "sent")),
    ]);

    private IEnumerable<Measurement<long>> ReadRefused() => Others().SelectMany(static peer => peer.Refused.Select(
        refused => new Measurement<long>(refused.Value, Label(peer), new("reason", refused.Key.ToString()))));

    private IEnumerable<Measurement<double>> ReadTimes(Func<PeerStatus, DateTimeOffset?> time) =>
        from peer in Others()
        let at = time(peer)
        where at is not null
        select new Measurement<double>(at.Value.ToUnixTimeMilliseconds() / 1000.0, Label(peer));
}
