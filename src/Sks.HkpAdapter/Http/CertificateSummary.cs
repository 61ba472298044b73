using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.HkpAdapter.Http;

/// <summary>A user ID or attribute as indexes show it.</summary>
/// <param name="Component">The packet and its signatures.</param>
/// <param name="Created">When its newest self-signature was made, in seconds since 1970; null when it has none.</param>
/// <param name="Expires">When that signature expires; null for never.</param>
internal sealed record UserIdSummary(CertificateComponent Component, long? Created, long? Expires)
{
    /// <summary>Whether it is a user attribute, which indexes for machines leave out.</summary>
    public bool IsAttribute => Component.Packet.Tag == PacketTag.UserAttribute;

    /// <summary>The user ID as text; may hold anything.</summary>
    public string Text => UserIdText.Decode(Component.Packet.Span);
}

/// <summary>A certificate as indexes show it.</summary>
/// <remarks>
/// Validity is what the certificate claims, read as SKS reads it and not verified: revoked when any direct signature is a revocation;
/// expiring as the newest self-signature on a user ID says. Source: SKS index.ml, mRindex.ml.
/// </remarks>
internal sealed class CertificateSummary
{
    private const int SecondsPerDay = 86_400;

    private CertificateSummary(StoredCertificate stored, Certificate certificate)
    {
        Stored = stored;
        Certificate = certificate;
    }

    public StoredCertificate Stored { get; }

    /// <summary>The packets that are shown.</summary>
    public Certificate Certificate { get; }

    public PublicKeyPacket PrimaryKey => Certificate.PrimaryKey;

    public bool IsRevoked { get; private init; }

    /// <summary>When the key expires, in seconds since 1970; null for never.</summary>
    public long? Expires { get; private init; }

    /// <summary>User IDs and attributes; the one marked as primary first, the others as stored.</summary>
    public IReadOnlyList<UserIdSummary> UserIds { get; private init; } = [];

    /// <summary>Reads a stored certificate.</summary>
    /// <param name="stored">The certificate.</param>
    /// <param name="clean">Whether to leave out what <see cref="ClientView"/> leaves out.</param>
    public static CertificateSummary Of(StoredCertificate stored, bool clean)
    {
        Certificate certificate = clean ? ReadClientView(stored) : stored.ReadFullView()!.Certificate;
        KeyId keyId = certificate.PrimaryKey.KeyId;

        var expiration = KeyExpiration.Of(certificate.PrimaryKey);
        List<(UserIdSummary Summary, long PrimarySince)> userIds = [];
        foreach (CertificateComponent component in certificate.UserIds)
            userIds.Add(Summarise(component, keyId, ref expiration));
        return new CertificateSummary(stored, certificate)
        {
            IsRevoked = certificate.DirectSignatures.Any(static packet =>
                SignaturePacket.TryParse(packet.Span, out SignaturePacket signature) && signature.IsRevocation),
            Expires = expiration.Time,
            UserIds = [.. userIds.OrderByDescending(static userId => userId.PrimarySince).Select(static userId => userId.Summary)],
        };
    }

    /// <summary>Whether the key has expired by <paramref name="now"/>.</summary>
    public bool HasExpired(DateTimeOffset now) => Expires <= now.ToUnixTimeSeconds();

    private static Certificate ReadClientView(StoredCertificate stored) =>
        CertificateReader.TryRead(ClientView.Select(stored.FullView?.ToMemory() ?? default), OpenPgpLimits.Unlimited, out Certificate certificate, out _)
            ? certificate
            : stored.ReadFullView()!.Certificate;

    private static (UserIdSummary Summary, long PrimarySince) Summarise(
        CertificateComponent component, KeyId keyId, ref KeyExpiration expiration)
    {
        (long Created, long Expires)? newest = null;
        long primarySince = -1;
        foreach (Packet packet in component.Signatures)
        {
            if (!SignaturePacket.TryParse(packet.Span, out SignaturePacket signature) || !signature.IsCertification || signature.Issuer != keyId)
                continue;

            long created = signature.CreationTime ?? 0;
            long expires = signature.ExpiresAfter is > 0 and uint seconds ? created + seconds : 0;
            if (newest is null || newest.Value.CompareTo((created, expires)) < 0)
                newest = (created, expires);
            if (signature.IsPrimaryUserId)
                primarySince = Math.Max(primarySince, created);
            if (component.Packet.Tag == PacketTag.UserId)
                expiration.Consider(signature);
        }

        var summary = new UserIdSummary(component, newest?.Created, newest?.Expires is > 0 and long time ? time : null);
        return (summary, component.Packet.Tag == PacketTag.UserId ? primarySince : -1);
    }

    // The newest self-signature that says when the key expires decides, also when it says never.
    private struct KeyExpiration
    {
        private long _keyCreated;
        private long _saidAt;

        public long? Time { get; private set; }

        public static KeyExpiration Of(PublicKeyPacket key) => new()
        {
            _keyCreated = key.CreationTime,
            _saidAt = -1,
            Time = key.ValidityDays == 0 ? null : key.CreationTime + ((long)key.ValidityDays * SecondsPerDay),
        };

        public void Consider(SignaturePacket signature)
        {
            if (signature.KeyExpiresAfter is not { } seconds || (signature.CreationTime ?? 0) <= _saidAt)
                return;
            _saidAt = signature.CreationTime ?? 0;
            Time = seconds == 0 ? null : _keyCreated + seconds;
        }
    }
}
