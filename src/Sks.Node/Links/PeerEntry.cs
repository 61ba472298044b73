namespace Sks.Node.Links;

/// <summary>A server of our own kind that this node exchanges certificates with.</summary>
/// <param name="Id">Who it is.</param>
/// <param name="Addresses">Where it accepts peers, HOST:PORT each; none when only it contacts this node.</param>
/// <param name="Added">When the operator made it a peer.</param>
public sealed record PeerEntry(NodeId Id, IReadOnlyList<string> Addresses, DateTimeOffset Added);
