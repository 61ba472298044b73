namespace Sks.Grpc.Peers;

/// <summary>A peer does not keep to the protocol: the session ends, and the peer is told why.</summary>
/// <param name="message">What it did, in words that may be sent to it; at most 256 bytes.</param>
internal sealed class PeerProtocolException(string message) : Exception(message);
