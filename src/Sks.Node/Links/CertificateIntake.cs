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
    private static readonly SubmissionOrigin Origin = new(ChangeSource.Peer, null);

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
                return new TakePlan(null, RefusalReason.Held, outline.Digest);
            stored = lease.Reader.Find(outline.Identity);
        }

        ContentDigest? ours = stored?.ContentDigest(policyVersion);
        if (_restrictions.State.Hidden.Blocks(outline.Identity.Fingerprint))
            return new TakePlan(null, RefusalReason.Restricted, ours);
        (int packets, int rest) = Math.DivRem(outline.PacketHashes.Length, PacketFrames.HashLength);
        if (outline.Size > _limits.MaxCertificateBytes || packets > _limits.MaxPackets)
            return new TakePlan(null, RefusalReason.TooLarge, ours);
        bool isConsistent = packets > 0 && rest == 0;
        byte[]? missing = stored is null || !isConsistent
            ? null
            : new HeldPackets(stored, policyVersion).FindMissing(outline.PacketHashes.Span);
        return new TakePlan(missing, null, ours);
    }

    /// <summary>Has a whole clean view stored.</summary>
    /// <param name="prefix">First 8 bytes of the digest by which it was wanted, big-endian.</param>
    /// <param name="packets">Its packets; they must not change any more.</param>
    /// <param name="policyVersion">The policy of the view.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in the queue.</param>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public Task<IntakeOutcome> TakeAsync(ulong prefix, ReadOnlyMemory<byte> packets, int policyVersion, CancellationToken cancellationToken)
    {
        IntakeOutcome? refused = Read(
            packets, policyVersion, digest => BinaryPrimitives.ReadUInt64BigEndian(digest.Span) == prefix, out Certificate certificate, out ContentDigest digest);
        return refused is null ? StoreAsync(certificate, digest, policyVersion, cancellationToken) : Task.FromResult(refused);
    }

    /// <summary>Has stored what an outline was the outline of.</summary>
    /// <param name="outline">What was offered.</param>
    /// <param name="missing">Which of its packets were asked for, see <see cref="TakePlan.Missing"/>; null for everything.</param>
    /// <param name="packets">Those packets; they must not change any more.</param>
    /// <param name="policyVersion">The policy of the view.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in the queue.</param>
    /// <exception cref="StorageException">The store cannot be written now, or is closing; or the record is damaged.</exception>
    public Task<IntakeOutcome> TakeAsync(
        CertificateOutline outline, byte[]? missing, ReadOnlyMemory<byte> packets, int policyVersion, CancellationToken cancellationToken)
    {
        if (missing is not null)
        {
            if (Assemble(outline, missing, packets, policyVersion) is not { } assembled)
                return Task.FromResult(new IntakeOutcome(IntakeResult.Incomplete, null, outline.Digest, FindOurs(outline.Identity, policyVersion)));
            packets = assembled;
        }

        IntakeOutcome? refused = Read(packets, policyVersion, digest => digest == outline.Digest, out Certificate certificate, out ContentDigest digest);
        if (refused is null)
            return StoreAsync(certificate, digest, policyVersion, cancellationToken);
        return Task.FromResult(
            missing is null ? refused : new IntakeOutcome(IntakeResult.Incomplete, null, outline.Digest, FindOurs(outline.Identity, policyVersion)));
    }

    // Null when it could be read and is what was offered.
    private IntakeOutcome? Read(
        ReadOnlyMemory<byte> packets, int policyVersion, Func<ContentDigest, bool> isOffered, out Certificate certificate, out ContentDigest digest)
    {
        digest = default;
        if (!CertificateReader.TryRead(packets, _limits, out certificate, out ParseError error))
        {
            bool isTooLarge = error.Code is ParseErrorCode.CertificateTooLarge or ParseErrorCode.PacketTooLarge;
            return new IntakeOutcome(IntakeResult.Refused, isTooLarge ? RefusalReason.TooLarge : RefusalReason.Invalid, null, null);
        }

        digest = ContentDigest.Compute(policyVersion, certificate);
        return isOffered(digest)
            ? null
            : new IntakeOutcome(IntakeResult.Refused, RefusalReason.Invalid, digest, FindOurs(certificate.Identity, policyVersion));
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
        Certificate certificate, ContentDigest digest, int policyVersion, CancellationToken cancellationToken)
    {
        SubmissionOutcome outcome = await _ingest.StoreAsync(certificate, Origin, cancellationToken).ConfigureAwait(false);
        ContentDigest? ours = FindOurs(certificate.Identity, policyVersion);
        if (ours == digest)
            return new IntakeOutcome(IntakeResult.Held, null, digest, ours);
        return outcome.Result == SubmissionResult.Rejected
            ? new IntakeOutcome(IntakeResult.Refused, ReasonOf(outcome.Reason), digest, ours)
            : new IntakeOutcome(IntakeResult.Merged, null, digest, ours);
    }

    private ContentDigest? FindOurs(CertificateIdentity identity, int policyVersion)
    {
        using StoreLease lease = _store.TakeLease();
        return lease.Reader.Find(identity)?.ContentDigest(policyVersion);
    }

    private static RefusalReason ReasonOf(RejectionReason reason) => reason switch
    {
        RejectionReason.Restricted => RefusalReason.Restricted,
        RejectionReason.TooLarge => RefusalReason.TooLarge,
        _ => RefusalReason.Invalid,
    };
}
