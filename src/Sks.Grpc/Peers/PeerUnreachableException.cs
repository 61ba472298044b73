namespace Sks.Grpc.Peers;

/// <summary>There is no connection to a peer.</summary>
/// <param name="message">Where, and what is wrong there.</param>
internal sealed class PeerUnreachableException(string message) : Exception(message);
