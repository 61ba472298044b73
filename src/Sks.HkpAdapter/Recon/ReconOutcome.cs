using Sks.Reconciliation.Sessions;

namespace Sks.HkpAdapter.Recon;

/// <summary>What came of a connection with a peer.</summary>
/// <param name="Peer">What the peer announced; null when it did not, or not what is needed.</param>
/// <param name="Session">What came of the session; null when the handshake did not lead to one.</param>
/// <param name="Failure">What went wrong, in words for the operator; null when all differences were found and what the peer lacks was sent, or when as many were found as may be at once.</param>
/// <param name="BytesReceived">Bytes of the peer that were read, handshake included.</param>
/// <param name="BytesSent">Bytes sent to the peer, handshake included.</param>
public sealed record ReconOutcome(ReconConfiguration? Peer, SessionResult? Session, string? Failure, long BytesReceived, long BytesSent)
{
    /// <summary>The filters that the peer announced, whether they were accepted or not; null when it did not come to that.</summary>
    public IReadOnlyList<string>? Filters { get; init; }

    /// <summary>Whether the peer has no time for this node at the moment, which says nothing about the next time.</summary>
    public bool IsBusy { get; init; }
}
