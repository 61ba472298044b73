using System.Text;
using System.Text.Unicode;

namespace Sks.OpenPgp;

/// <summary>User IDs as text: how to show them and what address they hold.</summary>
public static class UserIdText
{

    /// <summary>The text: UTF-8 by convention, ISO 8859-1 where it is not valid UTF-8. May hold any control character: escape it.</summary>
    public static string Decode(ReadOnlySpan<byte> userId) =>
        (Utf8.IsValid(userId) ? Encoding.UTF8 : Encoding.Latin1).GetString(userId);

    /// <summary>The form that identities are compared in: the text, trimmed and lower-cased.</summary>
    public static string Normalise(string text) => text.Trim().ToLowerInvariant();

    /// <summary>
    /// The e-mail address in a user ID: what stands between the only '&lt;' and '&gt;', or all of it when it looks like one.
    /// </summary>
    /// <param name="userId">The text of a user ID.</param>
    /// <param name="address">The address, else empty.</param>
    /// <returns>False when there is none, or more than one candidate.</returns>
    public static bool TryFindAddress(string userId, out string address)
    {
        int open = userId.IndexOf('<', StringComparison.Ordinal);
        int close = userId.LastIndexOf('>');
        string candidate = open < 0 && close < 0 ? userId : open >= 0 && close > open ? userId[(open + 1)..close] : "";
        candidate = candidate.Trim();
        bool found = IsAddress(candidate);
        address = found ? candidate : "";
        return found;
    }

    private static bool IsAddress(string text)
    {
        int at = text.IndexOf('@', StringComparison.Ordinal);
        return at > 0
            && at < text.Length - 1
            && at == text.LastIndexOf('@')
            && !text.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '<' or '>');
    }
}
