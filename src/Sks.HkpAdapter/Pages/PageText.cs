using System.Globalization;
using System.Text;
using Sks.HkpAdapter.Http;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Pages;

/// <summary>How pages put values into words.</summary>
internal static class PageText
{
    private const int MaxUserIdLength = 512;

    /// <summary>A user ID, shortened when it is very long.</summary>
    public static string Shorten(string userId) => userId.Length <= MaxUserIdLength
        ? userId
        : string.Create(CultureInfo.InvariantCulture, $"{CutAtCharacter(userId)}… [{Encoding.UTF8.GetByteCount(userId)}-byte user ID]");

    /// <summary>A date, UTC.</summary>
    public static string Date(long seconds) =>
        DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>A date, or a dash where there is none.</summary>
    public static string DateOrDash(long? seconds) => seconds is { } value ? Date(value) : "–";

    /// <summary>A fingerprint in groups: of four digits with a gap in the middle, for version 3 of two.</summary>
    public static string Group(Fingerprint fingerprint)
    {
        string digits = fingerprint.ToString();
        int size = fingerprint.Length == Fingerprint.Version3Length ? 2 : 4;
        var text = new StringBuilder(2 * digits.Length);
        for (int at = 0; at < digits.Length; at += size)
        {
            if (at > 0)
                text.Append(at == digits.Length / 2 ? "\u00A0 " : " ");
            text.Append(digits, at, size);
        }

        return text.ToString();
    }

    /// <summary>What links to a certificate search by: the fingerprint, for version 3 the key ID, as old fingerprints are ambiguous.</summary>
    public static string SearchKey(PublicKeyPacket key) => "0x" + (key.Version < 4 ? key.KeyId.ToString() : key.Fingerprint.ToString());

    /// <summary>A link to an operation that keeps the switches of the page it stands on.</summary>
    public static string Link(string operation, string search, LookupRequest request) =>
        $"/pks/lookup?op={operation}"
        + (request.ShowsDigests ? "&hash=on" : "")
        + (request.ShowsFingerprints ? "&fingerprint=on" : "")
        + (request.IsClean ? "" : "&clean=off")
        + "&search=" + search;

    /// <summary>A link to the explanation of a certificate.</summary>
    /// <param name="fingerprint">Which.</param>
    /// <param name="offset">How many packets to pass over.</param>
    public static string ExplainLink(Fingerprint fingerprint, long offset = 0) =>
        string.Create(CultureInfo.InvariantCulture, $"/pks/lookup?op=x-explain&search=0x{fingerprint}{(offset > 0 ? $"&offset={offset}" : "")}");

    private static string CutAtCharacter(string text) =>
        char.IsHighSurrogate(text[MaxUserIdLength - 1]) ? text[..(MaxUserIdLength - 1)] : text[..MaxUserIdLength];
}
