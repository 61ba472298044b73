using Sks.HkpAdapter.Http;
using Sks.Node;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Pages;

/// <summary>A list of certificates with everything in them: user IDs, subkeys and all signatures.</summary>
internal sealed class VerboseIndexPage(
    string search,
    IReadOnlyList<IndexEntry> certificates,
    int found,
    LookupRequest request,
    ServedView view,
    DateTimeOffset now,
    SignerNames signers)
    : IndexPage(search, certificates, found, request, view)
{
    private const int MaxSignatures = 5000;

    private int _signatures;

    protected override void WriteCertificate(Markup html, IndexEntry certificate)
    {
        html.Raw("<section class=\"card\">\n");
        WriteHeading(html, certificate, link: null);
        WriteFacts(html, certificate, withFingerprint: true);
        WriteActions(html, certificate);
        CertificateStatus status = certificate.Status;
        SignatureVerdicts verdicts = certificate.Verdicts;
        WriteSignatures(html, "Signatures on the key itself", status.Certificate.DirectSignatures, verdicts.Direct, certificate.PrimaryKey);

        foreach (UserIdStatus userId in status.UserIds)
        {
            if (userId.IsAttribute)
                html.Raw("<h3><span class=\"tag\">attribute</span> [contents omitted]");
            else
                html.Add($"<h3><span class=\"tag\">user ID</span> <bdi>{PageText.Shorten(userId.Text)}</bdi>");
            WriteState(html, userId.IsRevoked, userId.IsExpired);
            html.Raw("</h3>\n");
            WriteSignatures(html, null, userId.Component.Signatures, verdicts.Of(userId.Component), certificate.PrimaryKey);
        }

        foreach (SubkeyStatus subkey in status.Subkeys)
        {
            if (subkey.Key is not { } key)
                continue;
            html.Add($"<h3><span class=\"tag\">subkey</span> {AlgorithmNames.Describe(key)}, created {PageText.Date(key.CreationTime)}");
            if (subkey.Expires is { } expires)
                html.Add($", expires {PageText.Date(expires)}");
            WriteState(html, subkey.IsRevoked, subkey.IsExpired);
            html.Add($"</h3>\n<p class=\"mono\">{PageText.Group(key.Fingerprint)}</p>\n");
            WriteSignatures(html, null, subkey.Component.Signatures, verdicts.Of(subkey.Component), key);
        }

        html.Raw("</section>\n");
    }

    protected override void WriteActions(Markup html, IndexEntry certificate) => html.Add($"""
        <p class="actions"><a href="{PageText.Link("get", PageText.SearchKey(certificate.PrimaryKey), Request)}">Download</a> <a href="{PageText.ExplainLink(certificate.PrimaryKey.Fingerprint)}">What is left out</a></p>

        """);

    private void WriteSignatures(
        Markup html, string? heading, IReadOnlyList<Packet> packets, ReadOnlySpan<PacketVerdict> verdicts, PublicKeyPacket key)
    {
        List<(SignaturePacket Claims, PacketVerdict Verdict)> signatures = [];
        for (int i = 0; i < packets.Count; i++)
        {
            if (SignaturePacket.TryParse(packets[i].Span, out SignaturePacket claims))
                signatures.Add((claims, verdicts[i] & PacketVerdict.OutcomeMask));
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
                <thead><tr><th>Type</th><th>Signer</th><th>Made</th><th>Expires</th><th>Key expires</th><th>Signer's user ID</th><th>Verified</th></tr></thead>
                <tbody>

                """);
            foreach ((SignaturePacket claims, PacketVerdict verdict) in signatures.OrderBy(static signature => signature.Claims.CreationTime ?? 0).Take(shown))
                WriteSignature(html, claims, verdict, key);
            html.Raw("</tbody>\n</table></div>\n");
        }

        if (shown < signatures.Count)
            html.Add($"<p class=\"soft\">and {signatures.Count - shown} more signatures</p>\n");
    }

    private void WriteSignature(Markup html, SignaturePacket signature, PacketVerdict verdict, PublicKeyPacket key)
    {
        long? expires = signature.ExpiresAfter is > 0 and uint seconds ? (signature.CreationTime ?? 0L) + seconds : null;
        long? keyExpires = signature.KeyExpiresAfter is > 0 and uint after ? (long)key.CreationTime + after : null;
        bool hasExpired = expires <= now.ToUnixTimeSeconds();
        html.Add($"<tr><td><span class=\"tag{(signature.IsRevocation || hasExpired ? " warn" : "")}\">{PacketWords.Describe(signature.Type)}</span></td>");
        if (signature.Issuer is { } issuer)
            html.Add($"<td class=\"mono\"><a href=\"{PageText.Link("vindex", "0x" + issuer, Request)}\">{issuer.ToString()}</a></td>");
        else
            html.Raw("<td>–</td>");
        html.Add($"<td>{PageText.DateOrDash(signature.CreationTime)}</td><td>{PageText.DateOrDash(expires)}</td>");
        html.Add($"<td>{PageText.DateOrDash(keyExpires)}</td>");
        html.Add($"<td class=\"name\"><bdi>{NameOf(signature.Issuer, verdict)}</bdi></td>");
        html.Add($"<td><span class=\"tag{StyleOf(verdict)}\">{PacketWords.Describe(verdict)}</span></td></tr>\n");
    }

    private string NameOf(KeyId? issuer, PacketVerdict verdict) => (issuer, verdict) switch
    {
        (_, PacketVerdict.Proven) => "[selfsig]",
        (null, _) => "",
        ({ } keyId, PacketVerdict.ByOther) => signers.Find(keyId) is { } name ? PageText.Shorten(name) : "[unknown]",
        _ => "[nobody]",
    };

    private static string StyleOf(PacketVerdict verdict) => verdict switch
    {
        PacketVerdict.Proven => " good",
        PacketVerdict.ByOther => "",
        _ => " warn",
    };
}
