using System.Security.Cryptography;
using System.Text;

namespace Sks.HkpAdapter.Pages;

/// <summary>What all pages have in common: head, style, search field, foot. No script, nothing from elsewhere.</summary>
internal static class PageFrame
{
    /// <summary>Allows a page its own style and forms back to this server, and nothing else.</summary>
    public static readonly string ContentSecurityPolicy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(PageStyle.Css)))}'; "
        + "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>The whole page as UTF-8.</summary>
    public static ReadOnlyMemory<byte> Render(Page page)
    {
        var html = new Markup();
        html.Add($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="robots" content="noindex">
            <title>{page.Title}</title>
            <link rel="icon" href="data:,">
            <style>
            """);
        html.Raw(PageStyle.Css);
        html.Raw("""
            </style>
            </head>
            <body>
            <header>
            <div class="bar">
            <a class="brand" href="/">OpenPGP keyserver</a>
            <form class="find" action="/pks/lookup" method="get" role="search">
            <input type="hidden" name="op" value="index"><input type="hidden" name="fingerprint" value="on">
            """);
        html.Add($"""

            <input type="search" name="search" value="{page.Search}" required maxlength="1024" aria-label="Search" placeholder="Address, name, key ID or fingerprint">
            <button type="submit">Search</button>
            </form>
            </div>
            </header>
            <main>

            """);
        if (page.Note is { } note)
            html.Raw("<p class=\"note\">").Raw(note).Raw("</p>\n");

        page.WriteBody(html);
        html.Raw("""
            </main>
            <footer>
            <a href="/">Home</a> <a href="/pks/lookup?op=stats">Statistics</a>
            </footer>
            </body>
            </html>

            """);
        return html.Written;
    }
}
