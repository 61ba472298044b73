namespace Sks.Node.Peers;

/// <summary>How much a node bears with what a peer offers in vain.</summary>
/// <param name="AliasLifetime">How long what a peer holds and this node will not is left alone.</param>
/// <param name="MaxAliases">Most digests of one peer that are left alone, and most that are kept an eye on.</param>
/// <param name="SuspectBytesPerHour">Bytes per hour that may be fetched from one peer to look again at what had no effect.</param>
public sealed record PeerReconciliationOptions(TimeSpan AliasLifetime, int MaxAliases, long SuspectBytesPerHour);
