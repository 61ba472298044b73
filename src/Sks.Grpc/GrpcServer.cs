using System.Net;
using Microsoft.Extensions.Logging;
using Sks.Node;

namespace Sks.Grpc;

/// <summary>The gRPC side of a running node: clients' services on loopback TCP, the operator's as well on a Unix socket.</summary>
public sealed class GrpcServer : IAsyncDisposable
{
    private GrpcServer(IReadOnlyList<IPEndPoint> addresses) => Addresses = addresses;

    /// <summary>The TCP addresses it listens on, with the real ports.</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; }

    /// <summary>Starts to listen.</summary>
    /// <param name="node">What to serve; it stays the caller's, and must outlive the server.</param>
    /// <param name="options">Where to listen and how much to take on.</param>
    /// <param name="loggers">Where log lines go.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option has a value it cannot have.</exception>
    /// <exception cref="IOException">An address is taken, or another process serves on the socket.</exception>
    public static Task<GrpcServer> StartAsync(
        KeyserverNode node, GrpcOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Stops listening; open streams end with <c>UNAVAILABLE</c>.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
