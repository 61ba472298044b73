using Sks.HkpAdapter.Http;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Pages;

/// <summary>A list of certificates with their user IDs.</summary>
internal class IndexPage(string search, IReadOnlyList<CertificateSummary> certificates, int found, LookupRequest request, DateTimeOffset now) : Page
{
    private const int MaxUserIds = 200;

    public override string Title => $"Search results for '{search}'";

    public override string Search => search;

    public override bool ShowsUnverified => true;

    /// <summary>The switches of the request.</summary>
    protected LookupRequest Request => request;

    /// <summary>When the page is made.</summary>
    protected DateTimeOffset Now => now;

    public override void WriteBody(Markup html)
    {
        html.Add($"""
            <h1>Search results for <bdi>'{search}'</bdi></h1>
            <p class="soft">{Count(found)}
            """);
        html.Add($"{(certificates.Count < found ? $", {certificates.Count} shown" : "")}.</p>\n");
        foreach (CertificateSummary certificate in certificates)
            WriteCertificate(html, certificate);
    }

    /// <summary>Writes one certificate.</summary>
    protected virtual void WriteCertificate(Markup html, CertificateSummary certificate)
    {
        html.Raw("<section class=\"card\">\n");
        WriteHeading(html, certificate, PageText.Link("vindex", PageText.SearchKey(certificate.PrimaryKey), request));
        if (certificate.UserIds.Count > 1)
        {
            html.Raw("<ul class=\"uids\">\n");
            foreach (UserIdSummary userId in certificate.UserIds.Skip(1).Take(MaxUserIds))
                html.Add($"<li><bdi>{Describe(userId)}</bdi></li>\n");
            if (certificate.UserIds.Count > MaxUserIds + 1)
                html.Add($"<li class=\"soft\">and {certificate.UserIds.Count - MaxUserIds - 1} more</li>\n");
            html.Raw("</ul>\n");
        }

        WriteFacts(html, certificate, withFingerprint: request.ShowsFingerprints);
        WriteActions(html, certificate);
        html.Raw("</section>\n");
    }

    /// <summary>Writes the first user ID, linked where <paramref name="link"/> is given, and what is wrong with the key.</summary>
    protected void WriteHeading(Markup html, CertificateSummary certificate, string? link)
    {
        string name = certificate.UserIds is [UserIdSummary first, ..] ? Describe(first) : "[no user ID]";
        html.Raw("<h2>");
        if (link is null)
            html.Add($"<bdi>{name}</bdi>");
        else
            html.Add($"<a href=\"{link}\"><bdi>{name}</bdi></a>");
        if (certificate.IsRevoked)
            html.Raw(" <span class=\"tag warn\">revoked [not verified]</span>");
        if (certificate.HasExpired(now))
            html.Raw(" <span class=\"tag warn\">expired [not verified]</span>");
        html.Raw("</h2>\n");
    }

    /// <summary>Writes algorithm, dates, key ID, fingerprint and digest.</summary>
    protected void WriteFacts(Markup html, CertificateSummary certificate, bool withFingerprint)
    {
        PublicKeyPacket key = certificate.PrimaryKey;
        html.Add($"""
            <dl>
            <dt>Key</dt><dd>{AlgorithmNames.Describe(key)}, created {PageText.Date(key.CreationTime)}
            """);
        if (certificate.Expires is { } expires)
            html.Add($", expires {PageText.Date(expires)}");
        html.Add($"""
            </dd>
            <dt>Key ID</dt><dd class="mono"><a href="{PageText.Link("get", "0x" + key.KeyId, request)}">{key.KeyId.ToString()}</a></dd>

            """);
        if (withFingerprint)
            html.Add($"<dt>Fingerprint</dt><dd class=\"mono\">{PageText.Group(key.Fingerprint)}</dd>\n");
        if (request.ShowsDigests)
        {
            string digest = certificate.Stored.SksDigest?.ToString() ?? "";
            html.Add($"<dt>Hash</dt><dd class=\"mono\"><a href=\"/pks/lookup?op=hget&amp;search={digest}\">{digest}</a></dd>\n");
        }

        html.Raw("</dl>\n");
    }

    /// <summary>Writes what can be done with the certificate.</summary>
    protected virtual void WriteActions(Markup html, CertificateSummary certificate)
    {
        string key = PageText.SearchKey(certificate.PrimaryKey);
        html.Add($"""
            <p class="actions"><a href="{PageText.Link("get", key, request)}">Download</a> <a href="{PageText.Link("vindex", key, request)}">Signatures and subkeys</a></p>

            """);
    }

    private static string Count(int found) => found == 1 ? "1 key found" : $"{found} keys found";

    private static string Describe(UserIdSummary userId) => userId.IsAttribute ? "[user attribute packet]" : PageText.Shorten(userId.Text);
}
