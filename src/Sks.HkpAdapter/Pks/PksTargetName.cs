using System.Diagnostics.CodeAnalysis;

namespace Sks.HkpAdapter.Pks;

/// <summary>Somebody to send to, as the operator has written it.</summary>
/// <param name="Text">The name; also what its progress is kept under.</param>
/// <param name="Url">Where requests go; null for a mail address.</param>
/// <param name="IsVks">Whether they are those of a verifying keyserver.</param>
internal sealed record PksTargetName(string Text, Uri? Url, bool IsVks)
{
    private const int DefaultHkpPort = 11371;
    private const int MaxLength = 200;

    /// <summary>Reads a mail address or a URL.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out PksTargetName? name)
    {
        name = null;
        if (text.Length is 0 or > MaxLength || text.Any(static c => c is <= ' ' or > '~' or '<' or '>' or '"' or ',' or ';'))
            return false;
        if (!text.Contains("://", StringComparison.Ordinal))
        {
            int at = text.IndexOf('@', StringComparison.Ordinal);
            if (at > 0 && at < text.Length - 1)
                name = new PksTargetName(text, null, false);
        }
        else if (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri is { Host.Length: > 0, UserInfo: "", Query: "", Fragment: "", AbsolutePath: "" or "/" })
        {
            name = uri.Scheme switch
            {
                "hkp" => Create(text, uri, "http", DefaultHkpPort, "pks/add"),
                "hkps" => Create(text, uri, "https", 443, "pks/add"),
                "vks" => Create(text, uri, "https", 443, "vks/v1/upload") with { IsVks = true },
                _ => null,
            };
        }

        return name is not null;
    }

    private static PksTargetName Create(string text, Uri uri, string scheme, int defaultPort, string path) =>
        new(text, new UriBuilder(scheme, uri.Host, uri.Port > 0 ? uri.Port : defaultPort, path).Uri, false);
}
