using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sks.HkpAdapter.Recon;
using Sks.Node;

namespace Sks.HkpAdapter.Http;

/// <summary>What all handlers of one server share.</summary>
internal sealed record HkpContext(
    KeyserverNode Node, HkpOptions Options, Membership? Members, HkpMetrics Metrics, ILogger Logger, TimeProvider Time)
{
    /// <summary>Version of this software.</summary>
    public static string Version { get; } =
        (typeof(HkpContext).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0").Split('+')[0];

    /// <summary>Memory for request bodies.</summary>
    public BodyBudget Bodies { get; } = new(Options.MaxBufferedBytes);

    /// <summary>Where the server listens without TLS; known once it does.</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; set; } = [];

    /// <summary>The view that a request gets: everything that is stored only where the operator allows it.</summary>
    public ServedView ViewFor(in LookupRequest request) => !request.IsClean && Node.AllowsFullView ? ServedView.Full : ServedView.Clean;

    /// <summary>Whether a client gets the full view by digest: a peer of SKS's kind, or anyone where the operator allows it.</summary>
    /// <remarks>The connection's own address decides. What a client writes into <c>X-Forwarded-For</c> is its own claim.</remarks>
    public bool AllowsHashQuery(ConnectionInfo connection) =>
        Node.AllowsFullView || FindMember(connection) is not null;

    /// <summary>The peer of SKS's kind that a client is; null for none.</summary>
    public ReconPeer? FindMember(ConnectionInfo connection) => connection.RemoteIpAddress is { } address ? Members?.FindByAddress(address) : null;
}
