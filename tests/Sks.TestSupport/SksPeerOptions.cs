using System.Net;

namespace Sks.TestSupport;

/// <summary>How a <see cref="SksPeer"/> is set up.</summary>
public sealed record SksPeerOptions
{
    /// <summary>
    /// Loopback address for HKP and recon, and source of outgoing connections. Default: 127.0.0.1. Two SKS servers in one
    /// test take an address each (127.0.0.2, 127.0.0.3): SKS recognises peers by address alone.
    /// </summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Peers as (address, recon port). Default: none. See also <see cref="SksPeer.WriteMembership"/>.</summary>
    public IReadOnlyList<IPEndPoint> Membership { get; init; } = [];

    /// <summary>Mean time between gossip rounds; the first comes one interval after the start. Default: 3 seconds.</summary>
    public TimeSpan GossipInterval { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Lines of <c>sksconf</c> that replace or extend the usual ones: name to value, empty for flags, null to leave a usual
    /// line out. Example: <c>["dontgossip"] = ""</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();
}
