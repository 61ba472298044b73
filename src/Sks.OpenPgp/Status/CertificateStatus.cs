namespace Sks.OpenPgp;

/// <summary>What a certificate's owner says about it, as far as it is proven, and what follows from that at one moment.</summary>
/// <remarks>
/// Only signatures that verification found to be the owner's count. A key is revoked by any key revocation, soft ones too: what indexes
/// show is what GnuPG will find. A user ID is revoked until a newer self-signature renews it. When the key expires says the newest
/// statement among direct-key signatures and the self-signatures of user IDs that are not revoked.
/// </remarks>
public sealed class CertificateStatus
{
    private CertificateStatus(Certificate certificate) => Certificate = certificate;

    /// <summary>The packets.</summary>
    public Certificate Certificate { get; }

    /// <summary>The primary key.</summary>
    public PublicKeyPacket PrimaryKey => Certificate.PrimaryKey;

    /// <summary>Whether the key's owner has revoked it.</summary>
    public bool IsRevoked { get; private init; }

    /// <summary>When the key expires, in seconds since 1970; null for never.</summary>
    public long? Expires { get; private init; }

    /// <summary>Whether the key has expired.</summary>
    public bool IsExpired { get; private init; }

    /// <summary>User IDs, then attributes. Of the user IDs the primary one first, revoked ones last, the others as stored.</summary>
    public IReadOnlyList<UserIdStatus> UserIds { get; private init; } = [];

    /// <summary>Subkeys as stored.</summary>
    public IReadOnlyList<SubkeyStatus> Subkeys { get; private init; } = [];

    /// <summary>Key revocations by designated revokers: whether they are theirs only their certificates can tell.</summary>
    public IReadOnlyList<DesignatedRevocation> DesignatedRevocations { get; private init; } = [];

    /// <summary>Reads the status.</summary>
    /// <param name="verified">The packets, and what verification found about them.</param>
    /// <param name="now">The time of looking.</param>
    public static CertificateStatus Of(VerifiedCertificate verified, DateTimeOffset now)
    {
        Certificate certificate = verified.Certificate;
        PublicKeyPacket primaryKey = certificate.PrimaryKey;
        ReadOnlySpan<PacketVerdict> verdicts = verified.Verdicts.Span[1..];
        SelfSignatures direct = Take(certificate.DirectSignatures, ref verdicts, primaryKey, now);
        SignaturePacket? newest = direct.Newest;

        List<UserIdStatus> userIds = [];
        foreach (CertificateComponent component in certificate.UserIds)
        {
            verdicts = verdicts[1..];
            SelfSignatures statements = Take(component.Signatures, ref verdicts, primaryKey, now);
            UserIdStatus userId = UserIdStatus.Of(component, statements);
            userIds.Add(userId);
            if (!userId.IsAttribute && !userId.IsRevoked && statements.Newest is { } said && !(said.CreationTime <= newest?.CreationTime))
                newest = said;
        }

        List<SubkeyStatus> subkeys = [];
        foreach (CertificateComponent component in certificate.Subkeys)
        {
            verdicts = verdicts[1..];
            subkeys.Add(SubkeyStatus.Of(component, Take(component.Signatures, ref verdicts, primaryKey, now)));
        }

        long? expires = KeyExpiry.Of(primaryKey, newest);
        return new CertificateStatus(certificate)
        {
            IsRevoked = direct.IsRevoked(isRestorable: false),
            Expires = expires,
            IsExpired = expires <= direct.Now,
            UserIds =
            [
                .. userIds
                    .OrderBy(static userId => userId.IsAttribute)
                    .ThenBy(static userId => userId.IsRevoked)
                    .ThenByDescending(static userId => userId.PrimarySince ?? -1),
            ],
            Subkeys = subkeys,
            DesignatedRevocations = DesignatedRevocation.ReadAll(verified),
        };
    }

    private static SelfSignatures Take(
        IReadOnlyList<Packet> signatures, ref ReadOnlySpan<PacketVerdict> verdicts, PublicKeyPacket primaryKey, DateTimeOffset now)
    {
        var statements = SelfSignatures.Read(signatures, verdicts, primaryKey, now);
        verdicts = verdicts[signatures.Count..];
        return statements;
    }
}
