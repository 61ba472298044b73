using System.Net;

namespace Sks.HkpAdapter.Recon;

/// <summary>A peer and where it is at the moment.</summary>
/// <param name="Peer">What the operator wrote.</param>
/// <param name="Addresses">Its addresses, IPv4 ones as such; empty when its name has not resolved so far.</param>
/// <param name="IsSelf">Whether it is this node: never to be contacted.</param>
public sealed record Member(ReconPeer Peer, IReadOnlyList<IPAddress> Addresses, bool IsSelf);
