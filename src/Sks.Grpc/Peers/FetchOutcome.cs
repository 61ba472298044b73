using Sks.Node.Links;
using Sks.OpenPgp;
using RefusalReason = Sks.Node.Links.RefusalReason;

namespace Sks.Grpc.Peers;

/// <summary>What came of something that was wanted.</summary>
/// <param name="Prefix">First 8 bytes of its digest.</param>
/// <param name="Result">What became of it; null when the peer did not give it.</param>
/// <param name="Reason">Why it was refused here or declined there; null when it was not, or for a reason that is not known here.</param>
/// <param name="Digest">Its digest, as far as it is known.</param>
/// <param name="Changed">Whether something was stored.</param>
internal sealed record FetchOutcome(ulong Prefix, IntakeResult? Result, RefusalReason? Reason, ContentDigest? Digest, bool Changed);
