using Microsoft.Extensions.Logging;
using Sks.Node;

namespace Sks.Grpc.Peers;

/// <summary>What everything needs that deals with peers.</summary>
/// <param name="Node">The node.</param>
/// <param name="Options">Valid options.</param>
/// <param name="Addresses">Where this node is reached, HOST:PORT each; none when it is not.</param>
/// <param name="Logger">Where to log.</param>
/// <param name="Time">The clock.</param>
internal sealed record PeerContext(KeyserverNode Node, PeerOptions Options, IReadOnlyList<string> Addresses, ILogger Logger, TimeProvider Time);
