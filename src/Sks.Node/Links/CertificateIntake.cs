using System.Buffers.Binary;
using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>Takes in what peers give: believes nothing, verifies everything. For any number of threads.</summary>
/// <remarks>
/// What is stored is the union of what is held and what comes in, of which the rules select, as of any submission. So packets from the
/// own full view that complete an outline are no more admitted than before, and nothing that a peer leaves out is lost.
/// </remarks>
public sealed class CertificateIntake
{
    private readonly CertificateStore _store;
    private readonly CertificateIngest _ingest;
    private readonly RestrictionService _restrictions;
    private readonly OpenPgpLimits _limits;

    internal CertificateIntake(CertificateStore store, CertificateIngest ingest, RestrictionService restrictions, OpenPgpLimits limits)
    {
        _store = store;
        _ingest = ingest;
        _restrictions = restrictions;
        _limits = limits;
    }

    /// <summary>Works out what of an offered certificate is missing here.</summary>
    /// <exception cref="StorageException">The store is closing, or the record is damaged.</exception>
    public TakePlan Plan(CertificateOutline outline, int policyVersion)
    {
        StoredCertificate? stored;
        using (StoreLease lease = _store.TakeLease())
        {
            if (lease.Reader.Find(outline.Digest, policyVersion) is not null)
                return new TakePlan(null, RefusalReason.Held);
            stored = lease.Reader.Find(outline.Identity);
        }

        if (_restrictions.State.Hidden.Blocks(outline.Identity.Fingerprint))
            return new TakePlan(null, RefusalReason.Restricted);
        (int packets, int rest) = Math.DivRem(outline.PacketHashes.Length, PacketFrames.HashLength);
        if (outline.Size > _limits.MaxCertificateBytes || packets > _limits.MaxPackets)
            return new TakePlan(null, RefusalReason.TooLarge);
        bool isConsistent = packets > 0 && rest == 0;
        byte[]? missing = stored is null || !isConsistent
            ? null
            : new HeldPackets(stored, policyVersion).FindMissing(outline.PacketHashes.Span);
        return new TakePlan(missing, null);
    }

    /// <summary>Has a whole clean view stored.</summary>
    /// <param name="peer">Who gives it: verifying goes on its budget of processor time.</param>
    /// <param name="prefix">First 8 bytes of the digest by which it was wanted, big-endian.</param>
    /// <param name="packets">Its packets; they must not change any more.</param>
    /// <param name="policyVersion">The policy of the view.</param>
    /// <param name="cancellationToken">Gives up waiting for processor time, or for a place in the queue.</param>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public Task<IntakeOutcome> TakeAsync(
        NodeId peer, ulong prefix, ReadOnlyMemory<byte> packets, int policyVersion, CancellationToken cancellationToken)
    {
        RefusalReason? refused = Read(
            packets, policyVersion, digest => BinaryPrimitives.ReadUInt64BigEndian(digest.Span) == prefix, out Certificate certificate, out ContentDigest digest);
        return refused is null
            ? StoreAsync(peer, certificate, digest, policyVersion, cancellationToken)
            : Task.FromResult(new IntakeOutcome(IntakeResult.Refused, refused, null, false));
    }

    /// <summary>Has stored what an outline was the outline of.</summary>
    /// <param name="peer">Who gives it: verifying goes on its budget of processor time.</param>
    /// <param name="outline">What was offered.</param>
    /// <param name="missing">Which of its packets were asked for, see <see cref="TakePlan.Missing"/>; null for everything.</param>
    /// <param name="packets">Those packets; they must not change any more.</param>
    /// <param name="policyVersion">The policy of the view.</param>
    /// <param name="cancellationToken">Gives up waiting for processor time, or for a place in the queue.</param>
    /// <exception cref="StorageException">The store cannot be written now, or is closing; or the record is damaged.</exception>
    public Task<IntakeOutcome> TakeAsync(
        NodeId peer, CertificateOutline outline, byte[]? missing, ReadOnlyMemory<byte> packets, int policyVersion, CancellationToken cancellationToken)
    {
        if (missing is not null)
        {
            if (Assemble(outline, missing, packets, policyVersion) is not { } assembled)
                return Task.FromResult(new IntakeOutcome(IntakeResult.Incomplete, null, outline.Digest, false));
            packets = assembled;
        }

        RefusalReason? refused = Read(packets, policyVersion, digest => digest == outline.Digest, out Certificate certificate, out _);
        if (refused is null)
            return StoreAsync(peer, certificate, outline.Digest, policyVersion, cancellationToken);

        // Of what was offered, whatever it is that was sent: so it is not asked for again.
        return Task.FromResult(missing is null
            ? new IntakeOutcome(IntakeResult.Refused, refused, outline.Digest, false)
            : new IntakeOutcome(IntakeResult.Incomplete, null, outline.Digest, false));
    }

    // Null when it could be read and is what was offered.
    private RefusalReason? Read(
        ReadOnlyMemory<byte> packets, int policyVersion, Func<ContentDigest, bool> isOffered, out Certificate certificate, out ContentDigest digest)
    {
        digest = default;
        if (!CertificateReader.TryRead(packets, _limits, out certificate, out ParseError error))
            return error.Code is ParseErrorCode.CertificateTooLarge or ParseErrorCode.PacketTooLarge ? RefusalReason.TooLarge : RefusalReason.Invalid;
        digest = ContentDigest.Compute(policyVersion, certificate);
        return isOffered(digest) ? null : RefusalReason.Invalid;
    }

    private byte[]? Assemble(CertificateOutline outline, byte[] missing, ReadOnlyMemory<byte> packets, int policyVersion)
    {
        int count = outline.PacketHashes.Length / PacketFrames.HashLength;
        if (!PacketBits.Fit(missing, count) || outline.Size > _limits.MaxCertificateBytes || PacketFrames.TryCut(packets, count) is not { } sent)
            return null;
        using StoreLease lease = _store.TakeLease();
        return lease.Reader.Find(outline.Identity) is { } stored ? new HeldPackets(stored, policyVersion).Assemble(outline, missing, sent) : null;
    }

    private async Task<IntakeOutcome> StoreAsync(
        NodeId peer, Certificate certificate, ContentDigest digest, int policyVersion, CancellationToken cancellationToken)
    {
        var origin = new SubmissionOrigin(ChangeSource.Peer, peer.ToString());
        SubmissionOutcome outcome = await _ingest.StoreAsync(certificate, origin, cancellationToken).ConfigureAwait(false);
        if (outcome.Result == SubmissionResult.Rejected)
            return new IntakeOutcome(IntakeResult.Refused, ReasonOf(outcome.Reason), digest, false);

        // The outcome tells of the served policy alone, and the session may be about an older one.
        bool isHeld = outcome.PolicyVersion == policyVersion ? outcome.ContentDigest == digest : IsHeld(digest, policyVersion);
        bool changed = outcome.Result is SubmissionResult.Added or SubmissionResult.Updated;
        return new IntakeOutcome(isHeld ? IntakeResult.Held : IntakeResult.Merged, null, digest, changed);
    }

    private bool IsHeld(ContentDigest digest, int policyVersion)
    {
        using StoreLease lease = _store.TakeLease();
        return lease.Reader.Contains(policyVersion, digest);
    }

    private static RefusalReason ReasonOf(RejectionReason reason) => reason switch
    {
        RejectionReason.Restricted => RefusalReason.Restricted,
        RejectionReason.TooLarge => RefusalReason.TooLarge,
        _ => RefusalReason.Invalid,
    };
}
