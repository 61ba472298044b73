using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Sks.Node;
using Sks.Node.Peers;

namespace Sks.HkpAdapter.Recon;

/// <summary>What everything about reconciliation needs.</summary>
/// <param name="Node">The node.</param>
/// <param name="Options">How to reconcile.</param>
/// <param name="Membership">With whom.</param>
/// <param name="HttpPort">Port of HKP that peers are told to fetch from.</param>
/// <param name="Sources">Addresses that connections come from, at most one of each family; the system chooses for the others.</param>
/// <param name="Logger">Where to log.</param>
/// <param name="Time">The clock.</param>
internal sealed record ReconContext(
    KeyserverNode Node,
    ReconOptions Options,
    Membership Membership,
    int HttpPort,
    IReadOnlyList<IPAddress> Sources,
    ILogger Logger,
    TimeProvider Time)
{
    private readonly PeerReconciliationOptions _patience = new(Options.AliasLifetime, Options.MaxAliasesPerPeer, Options.SuspectBytesPerHour);

    /// <summary>The reconciliation with a peer.</summary>
    /// <exception cref="Storage.StorageException">The store is closing.</exception>
    public PeerReconciliation With(string peer) => Node.Reconciliation.With(peer, _patience);

    /// <summary>Where connections to an address come from; null for the system's choice.</summary>
    public IPAddress? SourceFor(IPAddress peer) => Sources.FirstOrDefault(source => source.AddressFamily == peer.AddressFamily);

    /// <summary>The addresses of the options that connections come from.</summary>
    public static IReadOnlyList<IPAddress> FindSources(ReconOptions options)
    {
        IEnumerable<IPAddress> given = options.SourceAddresses.Select(IPAddress.Parse);
        IEnumerable<IPAddress> listening = options.Listen
            .Where(static address => address != ListenAddress.Off)
            .Select(static address => ListenAddress.TryParse(address, out IPEndPoint? endPoint) ? endPoint.Address : IPAddress.Any);
        return
        [
            .. (options.SourceAddresses.Count > 0 ? given : listening)
                .Where(static address => !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any))
                .DistinctBy(static address => address.AddressFamily)
                .Where(static address => address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6),
        ];
    }
}
