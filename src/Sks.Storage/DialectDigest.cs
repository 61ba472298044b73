using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>What a dialect would call a certificate.</summary>
/// <param name="Profile">The dialect's <see cref="Dialect.Profile"/>.</param>
/// <param name="RulesVersion">The rules that it was worked out by, see <see cref="Dialect.RulesVersion"/>.</param>
/// <param name="Digest">Digest of the dialect's view; null when the dialect holds nothing of the certificate.</param>
internal readonly record struct DialectDigest(byte Profile, byte RulesVersion, SksDigest? Digest)
{
    /// <summary>Works the digests of some dialects out, by ascending profile.</summary>
    public static IReadOnlyList<DialectDigest> Of(CertificateViews views, IReadOnlyList<Dialect> dialects)
    {
        if (dialects.Count == 0)
            return [];
        VerifiedCertificate held = views.Held;
        return
        [
            .. dialects.OrderBy(static dialect => dialect.Profile)
                .Select(dialect => new DialectDigest(dialect.Profile, dialect.RulesVersion, dialect.View(held)?.Digest)),
        ];
    }
}
