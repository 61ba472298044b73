using System.Net;
using Microsoft.Extensions.Logging;
using Sks.Node;

namespace Sks.Grpc.Peers;

/// <summary>What came of taking up an invitation.</summary>
/// <param name="IsAccepted">Whether the two are peers now.</param>
/// <param name="IsReachable">Whether the other node could be reached at all.</param>
/// <param name="Inviter">Who invited; null when the token could not be read.</param>
/// <param name="Detail">What is wrong, in words; null when nothing is.</param>
public sealed record JoinResult(bool IsAccepted, bool IsReachable, NodeId? Inviter, string? Detail);

/// <summary>Exchanges certificates with servers of our own kind: accepts them, contacts them, invites them.</summary>
public sealed class PeerServer : IAsyncDisposable
{
    /// <summary>Where it listens: really bound, also where port 0 was asked for.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => throw new NotImplementedException();

    /// <summary>Where others are told to reach this node, HOST:PORT each; none when it does not listen and advertises nothing.</summary>
    public IReadOnlyList<string> Advertised => throw new NotImplementedException();

    /// <summary>Starts to listen and to contact the peers in the book.</summary>
    /// <param name="node">The node; it stays the caller's, and must outlive this.</param>
    /// <param name="options">Where to listen and what to bear.</param>
    /// <param name="grpc">Limits of the services for clients, which are served on the same listener.</param>
    /// <param name="loggers">Where log lines go.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option has a value it cannot have.</exception>
    /// <exception cref="IOException">An address is taken.</exception>
    public static Task<PeerServer> StartAsync(
        KeyserverNode node, PeerOptions options, GrpcOptions grpc, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Makes an invitation.</summary>
    /// <returns>The token for the other operator; null when this node cannot be reached: it neither listens nor advertises an address.</returns>
    public Task<string?> InviteAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Takes an invitation up: makes this node a peer of the inviter, and the inviter one of this node.</summary>
    public Task<JoinResult> AcceptAsync(string token, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
