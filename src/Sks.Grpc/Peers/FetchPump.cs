using Sks.Node.Links;
using Sks.OpenPgp;
using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>What came of something that was wanted.</summary>
/// <param name="Prefix">First 8 bytes of its digest.</param>
/// <param name="Result">What became of it; null when it was declined by the peer.</param>
/// <param name="Reason">Why it was refused here or declined there.</param>
/// <param name="Digest">Its digest, as far as it is known.</param>
/// <param name="Ours">Digest of what this node holds in its place; null for nothing.</param>
internal sealed record FetchOutcome(ulong Prefix, IntakeResult? Result, Sks.Node.Links.RefusalReason? Reason, ContentDigest? Digest, ContentDigest? Ours);

/// <summary>Both directions of a Fetch stream: gives what the peer wants, takes in what was wanted of it.</summary>
/// <remarks>Cannot block: what is on its way is bounded by windows on both sides, so that the stream is always read.</remarks>
internal sealed class FetchPump
{
    /// <summary>Most certificates of one side that may be wanted and not settled.</summary>
    public const int MaxOutstanding = 512;

    /// <summary>Starts without anything on its way.</summary>
    /// <param name="context">What everything needs.</param>
    /// <param name="link">The link to the peer.</param>
    /// <param name="policyVersion">The policy of the views.</param>
    /// <param name="stream">The stream, behind its start.</param>
    /// <param name="settled">Told of everything that was wanted, once each, from any thread.</param>
    public FetchPump(PeerContext context, Link link, int policyVersion, IMessageStream<FetchMessage> stream, Action<FetchOutcome> settled) =>
        throw new NotImplementedException();

    /// <summary>Bytes of messages received and sent so far.</summary>
    public (long Received, long Sent) Bytes => throw new NotImplementedException();

    /// <summary>Certificates that were sent.</summary>
    public long Given => throw new NotImplementedException();

    /// <summary>Runs until the stream ends or the peer breaks the protocol.</summary>
    /// <exception cref="PeerProtocolException">It does.</exception>
    public Task RunAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Says that these are wanted, just before the peer is told so: it may offer them from now on.</summary>
    /// <param name="prefixes">None of which is outstanding; with those that are at most <see cref="MaxOutstanding"/>.</param>
    public void Expect(IReadOnlyList<ulong> prefixes) => throw new NotImplementedException();

    /// <summary>The peer wants these: each is offered or declined. Does not wait.</summary>
    /// <exception cref="PeerProtocolException">More are outstanding than may be.</exception>
    public void Give(IReadOnlyList<ulong> prefixes) => throw new NotImplementedException();
}
