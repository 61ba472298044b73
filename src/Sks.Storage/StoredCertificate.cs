using System.Buffers;
using System.Buffers.Binary;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>A certificate as the store holds it.</summary>
/// <remarks>Refers to its record. Nothing is parsed, and nothing allocated, before it is asked for.</remarks>
public sealed class StoredCertificate
{
    private readonly byte[] _record;
    private readonly RecordOutline _outline;

    internal StoredCertificate(CertificateIdentity identity, byte[] record, in RecordOutline outline)
    {
        Identity = identity;
        _record = record;
        _outline = outline;
    }

    /// <summary>Which certificate.</summary>
    public CertificateIdentity Identity { get; }

    /// <summary>Another one whenever the record was written. The low seven bytes are the sequence of the last change.</summary>
    public ulong Version => CertificateRecord.ReadVersion(_record);

    /// <summary>Digest of the full view; null when there is none.</summary>
    public SksDigest? SksDigest =>
        _outline.FullOffset == 0 ? null : OpenPgp.SksDigest.Read(_record.AsSpan(_outline.FullOffset));

    /// <summary>What SKS would hold, in its order; null for what it cannot hold.</summary>
    public StoredView? FullView => _outline.FullOffset == 0 ? null : CertificateRecord.ReadFullView(_record, _outline);

    /// <summary>The versions of the policies whose views were worked out, newest first.</summary>
    internal IEnumerable<int> PolicyVersions
    {
        get
        {
            for (int i = 0, at = _outline.CleanOffset; i < _outline.CleanCount; i++, at = CertificateRecord.NextCleanView(_record, at))
                yield return BinaryPrimitives.ReadInt32BigEndian(_record.AsSpan(at));
        }
    }

    /// <summary>What was worked out for dialects, by ascending profile.</summary>
    internal IReadOnlyList<DialectDigest> Dialects => CertificateRecord.ReadDialects(_record, _outline);

    /// <summary>Whether the record is of the layout before clean views: its rows follow from the full view.</summary>
    internal bool IsBeforeCleanViews => _record[0] == CertificateRecord.FirstLayout;

    /// <summary>Whether what was proven under a policy is worked out; then no <see cref="CleanView"/> means that nothing is.</summary>
    public bool HasCleanView(int policyVersion) => FindCleanView(policyVersion) != 0;

    /// <summary>The clean view under a policy; null when nothing is proven, or nobody looked yet: then it must not be shown.</summary>
    public StoredView? CleanView(int policyVersion)
    {
        int offset = FindCleanView(policyVersion);
        return offset == 0 ? null : CertificateRecord.ReadCleanView(_record, offset);
    }

    /// <summary>Digest of the clean view under a policy; null when there is none.</summary>
    public ContentDigest? ContentDigest(int policyVersion)
    {
        int offset = FindCleanView(policyVersion);
        return offset == 0 ? null : CertificateRecord.ReadContentDigest(_record, offset);
    }

    /// <summary>Reads the packets of the full view with their verdicts; null when there is none.</summary>
    /// <exception cref="StorageException">The record is damaged.</exception>
    public VerifiedCertificate? ReadFullView() => FullView is { } view ? ReadVerified(view) : null;

    /// <summary>Reads the packets of a clean view with their verdicts; null when there is none.</summary>
    /// <exception cref="StorageException">The record is damaged.</exception>
    public VerifiedCertificate? ReadCleanView(int policyVersion) => CleanView(policyVersion) is { } view ? ReadVerified(view) : null;

    /// <summary>When the primary key says it was made, in seconds since 1970 UTC.</summary>
    /// <exception cref="StorageException">The record is damaged.</exception>
    public uint ReadCreationTime()
    {
        const int VersionLength = 1;
        ReadOnlySpan<byte> body = ReadPrimaryKeyBody().Span;
        return body.Length >= VersionLength + sizeof(uint) ? BinaryPrimitives.ReadUInt32BigEndian(body[VersionLength..]) : throw Damaged();
    }

    /// <summary>Reads the primary key without anything else.</summary>
    /// <exception cref="StorageException">The record is damaged.</exception>
    public PublicKeyPacket ReadPrimaryKey() =>
        PublicKeyPacket.TryParse(ReadPrimaryKeyBody(), out PublicKeyPacket key, out _) ? key : throw Damaged();

    /// <summary>Works out what may be left of the certificate.</summary>
    /// <param name="keep">What may be left of the packets of a view: the same object when that is all of them, null when it is nothing.</param>
    /// <param name="mustBeProven">Whether what is left must be proven, in the full view too.</param>
    /// <param name="policies">The maintained policies, by ascending version.</param>
    /// <returns>Whether anything is not left, and what is; null when that is nothing.</returns>
    /// <exception cref="StorageException">The record is damaged.</exception>
    public (bool Changes, CertificateViews? Views) Reduce(
        Func<Certificate, Certificate?> keep, bool mustBeProven, IReadOnlyList<CleanViewPolicy> policies) =>
        StoredViews.Read(this).Reduce(keep, mustBeProven, policies);

    /// <summary>The certificate as it would be stored with other views; nothing is written.</summary>
    public StoredCertificate With(CertificateViews views) => CertificateRecord.Decode(Identity, CertificateRecord.Encode(views, Version));

    /// <summary>Whether the full view has the packets of a certificate, each where it stands there. Its digest does not say where.</summary>
    public bool HoldsAsFullView(Certificate certificate) =>
        FullView is { } view
        && view.Length == certificate.GetLength()
        && SksDigest == certificate.Digest
        && view.ToMemory().Span.SequenceEqual(certificate.ToArray());

    /// <summary>Whether views have the digests of those that are stored.</summary>
    public bool Holds(CertificateViews views)
    {
        if (SksDigest != views.Full?.Digest)
            return false;
        foreach (CleanView view in views.Clean)
        {
            if (!HasCleanView(view.PolicyVersion) || ContentDigest(view.PolicyVersion) != view.Digest)
                return false;
        }

        return true;
    }

    /// <summary>Whether a view of one of the policies is missing, or verdicts were found by other rules than today's.</summary>
    public bool IsBehind(IReadOnlyList<CleanViewPolicy> policies)
    {
        if (IsBeforeCleanViews || CertificateRecord.ReadRules(_record) != CertificateExamination.RulesVersion)
            return true;
        foreach (CleanViewPolicy policy in policies)
        {
            if (!HasCleanView(policy.Version))
                return true;
        }

        return false;
    }

    /// <summary>Whether the digest of one of the dialects is missing, or was found by other rules than today's.</summary>
    public bool IsBehind(IReadOnlyList<Dialect> dialects)
    {
        if (dialects.Count == 0)
            return false;
        IReadOnlyList<DialectDigest> known = Dialects;
        return dialects.Any(dialect => !known.Any(digest => digest.Profile == dialect.Profile && digest.RulesVersion == dialect.RulesVersion));
    }

    /// <summary>Digest of a dialect's view; null when the dialect holds nothing, or it was not worked out.</summary>
    public SksDigest? DigestOf(Dialect dialect) => Dialects.FirstOrDefault(digest => digest.Profile == dialect.Profile).Digest;

    /// <summary>What a dialect would hold of what is stored; null when that is nothing.</summary>
    /// <exception cref="StorageException">The record is damaged.</exception>
    public Certificate? ReadView(Dialect dialect) => dialect.View(StoredViews.Read(this).Held);

    /// <summary>Reads the packets of a view of this certificate.</summary>
    internal Certificate ReadPackets(in StoredView view) =>
        CertificateReader.TryRead(view.ToMemory(), OpenPgpLimits.Unlimited, out Certificate certificate, out ParseError error)
            ? certificate
            : throw new StorageException(StorageErrorKind.Corrupt, $"The record of {Identity.Fingerprint} cannot be read: {error.Code}.");

    /// <summary>Reads the packets of a view of this certificate with their verdicts.</summary>
    internal VerifiedCertificate ReadVerified(in StoredView view)
    {
        Certificate certificate = ReadPackets(view);
        var verdicts = new PacketVerdict[certificate.PacketCount];
        return RecordPacketTable.TryReadVerdicts(_record, _outline, view, verdicts)
            ? new VerifiedCertificate(certificate, verdicts)
            : throw Damaged();
    }

    private int FindCleanView(int policyVersion)
    {
        for (int i = 0, at = _outline.CleanOffset; i < _outline.CleanCount; i++, at = CertificateRecord.NextCleanView(_record, at))
        {
            if (BinaryPrimitives.ReadInt32BigEndian(_record.AsSpan(at)) == policyVersion)
                return at;
        }

        return 0;
    }

    // Every view begins with the primary key.
    private ReadOnlyMemory<byte> ReadPrimaryKeyBody()
    {
        ReadOnlyMemory<byte> packets = _record.AsMemory(_outline.PacketsOffset, _outline.TableOffset - _outline.PacketsOffset);
        return PacketHeader.TryRead(packets.Span, out PacketHeader header, out _) == OperationStatus.Done && header.TotalLength <= packets.Length
            ? packets.Slice(header.HeaderLength, (int)header.BodyLength)
            : throw Damaged();
    }

    private StorageException Damaged() => new(StorageErrorKind.Corrupt, $"The record of {Identity.Fingerprint} is damaged.");
}
