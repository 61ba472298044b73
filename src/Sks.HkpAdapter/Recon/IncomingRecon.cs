using System.Net;

namespace Sks.HkpAdapter.Recon;

/// <summary>A peer that has connected; nothing has been said yet.</summary>
/// <param name="Peer">Name of the peer that the address belongs to.</param>
/// <param name="Address">Where it connected from, IPv4 in its own form: what the peer has is fetched from there.</param>
/// <param name="Connection">To run a session as the responder on. Is closed when the one who serves it returns.</param>
public sealed record IncomingRecon(string Peer, IPAddress Address, ReconConnection Connection);
