using Sks.HkpAdapter.Http;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Pages;

/// <summary>A list of certificates with everything in them: user IDs, subkeys and all signatures.</summary>
internal sealed class VerboseIndexPage(
    string search, IReadOnlyList<CertificateSummary> certificates, int found, LookupRequest request, DateTimeOffset now, SignerNames signers)
    : IndexPage(search, certificates, found, request, now)
{
    private const int MaxSignatures = 5000;

    private int _signatures;

    protected override void WriteCertificate(Markup html, CertificateSummary certificate)
    {
        KeyId keyId = certificate.PrimaryKey.KeyId;
        html.Raw("<section class=\"card\">\n");
        WriteHeading(html, certificate, link: null);
        WriteFacts(html, certificate, withFingerprint: true);
        WriteActions(html, certificate);
        WriteSignatures(html, "Signatures on the key itself", certificate.Certificate.DirectSignatures, keyId, certificate.PrimaryKey);

        foreach (UserIdSummary userId in certificate.UserIds)
        {
            if (userId.IsAttribute)
                html.Raw("<h3><span class=\"tag\">attribute</span> [contents omitted]</h3>\n");
            else
                html.Add($"<h3><span class=\"tag\">user ID</span> <bdi>{PageText.Shorten(userId.Text)}</bdi></h3>\n");
            WriteSignatures(html, null, userId.Component.Signatures, keyId, certificate.PrimaryKey);
        }

        foreach (CertificateComponent subkey in certificate.Certificate.Subkeys)
        {
            if (!PublicKeyPacket.TryParse(subkey.Packet.Body, out PublicKeyPacket key, out _))
                continue;
            html.Add($"""
                <h3><span class="tag">subkey</span> {AlgorithmNames.Describe(key)}, created {PageText.Date(key.CreationTime)}</h3>
                <p class="mono">{PageText.Group(key.Fingerprint)}</p>

                """);
            WriteSignatures(html, null, subkey.Signatures, keyId, key);
        }

        html.Raw("</section>\n");
    }

    protected override void WriteActions(Markup html, CertificateSummary certificate) => html.Add($"""
        <p class="actions"><a href="{PageText.Link("get", PageText.SearchKey(certificate.PrimaryKey), Request)}">Download</a></p>

        """);

    private void WriteSignatures(Markup html, string? heading, IReadOnlyList<Packet> packets, KeyId owner, PublicKeyPacket key)
    {
        List<SignaturePacket> signatures = [];
        foreach (Packet packet in packets)
        {
            if (SignaturePacket.TryParse(packet.Span, out SignaturePacket signature))
                signatures.Add(signature);
        }

        if (signatures.Count == 0)
            return;
        if (heading is not null)
            html.Add($"<h3>{heading}</h3>\n");

        int shown = Math.Min(signatures.Count, MaxSignatures - _signatures);
        _signatures += shown;
        if (shown > 0)
        {
            html.Raw("""
                <div class="wide"><table class="signatures">
                <thead><tr><th>Type</th><th>Signer</th><th>Made</th><th>Expires</th><th>Key expires</th><th>Signer's user ID</th></tr></thead>
                <tbody>

                """);
            foreach (SignaturePacket signature in signatures.OrderBy(static signature => signature.CreationTime ?? 0).Take(shown))
                WriteSignature(html, signature, owner, key);
            html.Raw("</tbody>\n</table></div>\n");
        }

        if (shown < signatures.Count)
            html.Add($"<p class=\"soft\">and {signatures.Count - shown} more signatures</p>\n");
    }

    private void WriteSignature(Markup html, SignaturePacket signature, KeyId owner, PublicKeyPacket key)
    {
        long? expires = signature.ExpiresAfter is > 0 and uint seconds ? (signature.CreationTime ?? 0L) + seconds : null;
        long? keyExpires = signature.KeyExpiresAfter is > 0 and uint after ? (long)key.CreationTime + after : null;
        bool hasExpired = expires <= Now.ToUnixTimeSeconds();
        html.Add($"<tr><td><span class=\"tag{(signature.IsRevocation || hasExpired ? " warn" : "")}\">{TypeName(signature)}</span></td>");
        if (signature.Issuer is { } issuer)
            html.Add($"<td class=\"mono\"><a href=\"{PageText.Link("vindex", "0x" + issuer, Request)}\">{issuer.ToString()}</a></td>");
        else
            html.Raw("<td>–</td>");
        html.Add($"<td>{PageText.DateOrDash(signature.CreationTime)}</td><td>{PageText.DateOrDash(expires)}</td>");
        html.Add($"<td>{PageText.DateOrDash(keyExpires)}</td>");
        html.Add($"<td class=\"name\"><bdi>{NameOf(signature.Issuer, owner)}</bdi></td></tr>\n");
    }

    private string NameOf(KeyId? issuer, KeyId owner) =>
        issuer is not { } keyId ? "" : keyId == owner ? "[selfsig]" : signers.Find(keyId) is { } name ? PageText.Shorten(name) : "[unknown]";

    private static string TypeName(SignaturePacket signature) => signature.Type switch
    {
        SignatureType.GenericCertification => "sig",
        SignatureType.PersonaCertification => "sig 1",
        SignatureType.CasualCertification => "sig 2",
        SignatureType.PositiveCertification => "sig 3",
        SignatureType.Attestation => "attestation",
        SignatureType.SubkeyBinding => "binding",
        SignatureType.PrimaryKeyBinding => "back-signature",
        SignatureType.DirectKey => "direct",
        SignatureType.KeyRevocation or SignatureType.SubkeyRevocation or SignatureType.CertificationRevocation => "revocation",
        _ => $"0x{(byte)signature.Type:X2}",
    };
}
