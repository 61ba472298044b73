using Sks.HkpAdapter.Http;
using Sks.Node;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Pages;

/// <summary>A list of certificates with their user IDs.</summary>
internal class IndexPage(string search, IReadOnlyList<IndexEntry> certificates, int found, LookupRequest request, ServedView view) : Page
{
    private const int MaxUserIds = 200;

    private const string ProvenNote = """
        What is shown here is signed by the key it belongs to. Whether a key belongs to the person it names, <strong>nobody has verified</strong>:
        anyone can upload keys in any name.
        """;

    private const string UnprovenNote = """
        What is shown here is <strong>not cryptographically verified</strong>: this is everything that was ever uploaded to some keyserver,
        by anyone. Inspect keys with OpenPGP software on a device you control.
        """;

    public override string Title => $"Search results for '{search}'";

    public override string Search => search;

    public override string? Note => view == ServedView.Full ? UnprovenNote : ProvenNote;

    /// <summary>The switches of the request.</summary>
    protected LookupRequest Request => request;

    public override void WriteBody(Markup html)
    {
        html.Add($"""
            <h1>Search results for <bdi>'{search}'</bdi></h1>
            <p class="soft">{Count(found)}
            """);
        html.Add($"{(certificates.Count < found ? $", {certificates.Count} shown" : "")}.</p>\n");
        foreach (IndexEntry certificate in certificates)
            WriteCertificate(html, certificate);
    }

    /// <summary>Writes one certificate.</summary>
    protected virtual void WriteCertificate(Markup html, IndexEntry certificate)
    {
        html.Raw("<section class=\"card\">\n");
        WriteHeading(html, certificate, PageText.Link("vindex", PageText.SearchKey(certificate.PrimaryKey), request));
        IReadOnlyList<UserIdStatus> userIds = certificate.Status.UserIds;
        if (userIds.Count > 1)
        {
            html.Raw("<ul class=\"uids\">\n");
            foreach (UserIdStatus userId in userIds.Skip(1).Take(MaxUserIds))
            {
                html.Add($"<li><bdi>{Describe(userId)}</bdi>");
                WriteState(html, userId.IsRevoked, userId.IsExpired);
                html.Raw("</li>\n");
            }

            if (userIds.Count > MaxUserIds + 1)
                html.Add($"<li class=\"soft\">and {userIds.Count - MaxUserIds - 1} more</li>\n");
            html.Raw("</ul>\n");
        }

        WriteFacts(html, certificate, withFingerprint: request.ShowsFingerprints);
        WriteActions(html, certificate);
        html.Raw("</section>\n");
    }

    /// <summary>Writes the first user ID, linked where <paramref name="link"/> is given, and what is wrong with the key.</summary>
    protected static void WriteHeading(Markup html, IndexEntry certificate, string? link)
    {
        string name = certificate.Status.UserIds is [UserIdStatus first, ..] ? Describe(first) : "[no user ID]";
        html.Raw("<h2>");
        if (link is null)
            html.Add($"<bdi>{name}</bdi>");
        else
            html.Add($"<a href=\"{link}\"><bdi>{name}</bdi></a>");
        WriteState(html, certificate.IsRevoked, certificate.Status.IsExpired);
        html.Raw("</h2>\n");
    }

    /// <summary>Writes what is wrong with a key or user ID.</summary>
    protected static void WriteState(Markup html, bool isRevoked, bool isExpired)
    {
        if (isRevoked)
            html.Raw(" <span class=\"tag warn\">revoked</span>");
        if (isExpired)
            html.Raw(" <span class=\"tag warn\">expired</span>");
    }

    /// <summary>Writes algorithm, dates, key ID, fingerprint and digest.</summary>
    protected void WriteFacts(Markup html, IndexEntry certificate, bool withFingerprint)
    {
        PublicKeyPacket key = certificate.PrimaryKey;
        html.Add($"""
            <dl>
            <dt>Key</dt><dd>{AlgorithmNames.Describe(key)}, created {PageText.Date(key.CreationTime)}
            """);
        if (certificate.Status.Expires is { } expires)
            html.Add($", expires {PageText.Date(expires)}");
        html.Add($"""
            </dd>
            <dt>Key ID</dt><dd class="mono"><a href="{PageText.Link("get", "0x" + key.KeyId, request)}">{key.KeyId.ToString()}</a></dd>

            """);
        if (withFingerprint)
            html.Add($"<dt>Fingerprint</dt><dd class=\"mono\">{PageText.Group(key.Fingerprint)}</dd>\n");
        if (request.ShowsDigests && certificate.Served.Stored.SksDigest?.ToString() is { } digest)
            html.Add($"<dt>Hash</dt><dd class=\"mono\"><a href=\"/pks/lookup?op=hget&amp;search={digest}\">{digest}</a></dd>\n");

        html.Raw("</dl>\n");
    }

    /// <summary>Writes what can be done with the certificate.</summary>
    protected virtual void WriteActions(Markup html, IndexEntry certificate)
    {
        string key = PageText.SearchKey(certificate.PrimaryKey);
        html.Add($"""
            <p class="actions"><a href="{PageText.Link("get", key, request)}">Download</a> <a href="{PageText.Link("vindex", key, request)}">Signatures and subkeys</a> <a href="{PageText.ExplainLink(certificate.PrimaryKey.Fingerprint)}">What is left out</a></p>

            """);
    }

    private static string Count(int found) => found == 1 ? "1 key found" : $"{found} keys found";

    private static string Describe(UserIdStatus userId) => userId.IsAttribute ? "[user attribute packet]" : PageText.Shorten(userId.Text);
}
