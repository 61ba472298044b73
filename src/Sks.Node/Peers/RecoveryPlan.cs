using Sks.OpenPgp;

namespace Sks.Node.Peers;

/// <summary>What to fetch from a peer after a session.</summary>
/// <param name="Fresh">Not seen before: to be fetched in bundles.</param>
/// <param name="Suspects">Offered before without effect: to be fetched one by one, as long as the peer's budget lasts.</param>
public sealed record RecoveryPlan(IReadOnlyList<SksDigest> Fresh, IReadOnlyList<SksDigest> Suspects);
