using System.Globalization;
using Sks.Node;
using Sks.Node.Links;
using Sks.Node.Peers;
using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>What two hellos agree on.</summary>
/// <param name="PolicyVersion">The policy whose clean views are exchanged.</param>
/// <param name="NewKey">The link key to use from now on; null for the one that is kept.</param>
internal sealed record PeerAgreement(int PolicyVersion, LinkKey? NewKey)
{
    /// <summary>What the set consists of.</summary>
    public const string CleanView = "clean-view";

    /// <summary>The version of the protocol.</summary>
    public const uint ProtocolVersion = 1;

    private const int InstanceLength = 8;
    private const uint MaxAhead = 1000;

    /// <summary>Compares what the two sides have said.</summary>
    /// <param name="self">This node.</param>
    /// <param name="own">What this node has said.</param>
    /// <param name="peer">The other one.</param>
    /// <param name="theirs">What it has said.</param>
    /// <param name="role">Of this node.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="PeerRefusedException">They have nothing in common, in words.</exception>
    /// <exception cref="PeerProtocolException">The hello is malformed.</exception>
    public static PeerAgreement Of(NodeId self, Hello own, NodeId peer, Hello theirs, PeerRole role, DateTimeOffset now)
    {
        if (!theirs.ProtocolVersions.Contains(ProtocolVersion))
            throw Nothing($"protocol: here version {ProtocolVersion}, there {Text(theirs.ProtocolVersions)}");
        if (theirs.Set != CleanView)
            throw Nothing($"set: here '{CleanView}', there another one");
        if (theirs.Nonce.Length != LinkKeyAgreement.NonceLength || theirs.Instance.Length != InstanceLength || theirs.KeyEpoch > own.KeyEpoch + MaxAhead)
            throw new PeerProtocolException("malformed hello");
        uint policy = own.PolicyVersions.Intersect(theirs.PolicyVersions).DefaultIfEmpty().Max();
        if (policy == 0)
            throw Nothing($"policy: here version {Text(own.PolicyVersions)}, there {Text(theirs.PolicyVersions)}; the older server has to be upgraded");
        if (LinkKeyAgreement.IsKept(own, theirs))
            return new PeerAgreement((int)policy, null);
        return new PeerAgreement((int)policy, role == PeerRole.Initiator
            ? LinkKeyAgreement.Derive(self, own, peer, theirs, now)
            : LinkKeyAgreement.Derive(peer, theirs, self, own, now));
    }

    private static PeerRefusedException Nothing(string detail) => new(ErrorCode.NothingInCommon, "nothing in common in " + detail);

    private static string Text(IEnumerable<uint> versions) =>
        string.Join(", ", versions.Take(8).Select(static version => version.ToString(CultureInfo.InvariantCulture)).DefaultIfEmpty("none"));
}
