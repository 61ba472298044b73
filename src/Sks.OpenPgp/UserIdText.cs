using System.Buffers;
using System.Text;

namespace Sks.OpenPgp;

/// <summary>User IDs as text: how to show them and what address they hold.</summary>
public static class UserIdText
{
    private static readonly SearchValues<char> NeverInAddress = SearchValues.Create(" \t\r\n<>");
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text: UTF-8 by convention, ISO 8859-1 where it is not valid UTF-8. May hold any control character: escape it.</summary>
    public static string Decode(ReadOnlySpan<byte> userId)
    {
        try
        {
            return StrictUtf8.GetString(userId);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(userId);
        }
    }

    /// <summary>The form that identities are compared in: the text, trimmed and lower-cased.</summary>
    public static string Normalise(string text) => text.Trim().ToLowerInvariant();

    /// <summary>The e-mail address in a user ID: what stands between the only '&lt;' and '&gt;', or all of it when it looks like one.</summary>
    /// <returns>False when there is none, or more than one candidate.</returns>
    public static bool TryFindAddress(string userId, out string address)
    {
        int open = userId.IndexOf('<', StringComparison.Ordinal);
        int close = userId.LastIndexOf('>');
        string candidate = open < 0 && close < 0 ? userId : open >= 0 && close > open ? userId[(open + 1)..close] : "";
        address = candidate.Trim();
        return IsAddress(address);
    }

    private static bool IsAddress(string text)
    {
        int at = text.IndexOf('@', StringComparison.Ordinal);
        return at > 0
            && at < text.Length - 1
            && at == text.LastIndexOf('@')
            && !text.AsSpan().ContainsAny(NeverInAddress);
    }
}
