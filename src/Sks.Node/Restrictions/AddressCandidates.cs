using System.Globalization;

namespace Sks.Node.Restrictions;

/// <summary>What may be a mail address in a text, wherever it stands and whatever stands around it.</summary>
internal static class AddressCandidates
{
    // A user ID of megabytes could hold a million; nobody has as many.
    private const int MaxCandidates = 1000;

    // An address is at most 254 characters long (RFC 5321, 4.5.3.1.3), which bounds the work for each '@'.
    private const int MaxSideLength = 254;

    private const string Punctuation = "!#$%&'*+-/=?^_`{|}~.";

    // What an address may begin behind although it may be part of one: "user=", a path, a quote. A colon is no part of any.
    private const string Openers = "=/'";

    /// <summary>Finds all of them.</summary>
    /// <param name="text">A user ID.</param>
    /// <param name="candidates">Those that were found.</param>
    /// <returns>False when there are more than are looked at.</returns>
    public static bool TryFind(string text, out IReadOnlyList<string> candidates)
    {
        List<string> found = [];
        candidates = found;
        for (int at = text.IndexOf('@', StringComparison.Ordinal); at >= 0; at = text.IndexOf('@', at + 1))
        {
            if (found.Count >= MaxCandidates)
                return false;
            Add(text, at, found);
        }

        return true;
    }

    private static void Add(string text, int at, List<string> found)
    {
        int start = at;
        while (start > 0 && at - start < MaxSideLength && IsAddressCharacter(text[start - 1]))
            start--;
        int end = at + 1;
        while (end < text.Length && end - at <= MaxSideLength && IsAddressCharacter(text[end]))
            end++;

        string domain = text[(at + 1)..end];
        string local = text[start..at].TrimStart('.');
        Add(local, domain, found);
        int opener = local.AsSpan().LastIndexOfAny(Openers);
        if (opener >= 0)
            Add(local[(opener + 1)..].TrimStart('.'), domain, found);
    }

    // With all that may stand in an address, and without what cannot be part of a domain: a closing quote, a path, a question mark.
    private static void Add(string local, string domain, List<string> found)
    {
        string whole = domain.TrimEnd('.');
        found.Add($"{local}@{whole}");
        int letters = 0;
        while (letters < whole.Length && IsDomainCharacter(whole[letters]))
            letters++;
        if (letters < whole.Length)
            found.Add($"{local}@{whole[..letters].TrimEnd('.', '-')}");
    }

    private static bool IsAddressCharacter(char c) => char.IsAscii(c) && !char.IsAsciiLetterOrDigit(c)
        ? Punctuation.Contains(c, StringComparison.Ordinal)
        : IsLetterOrDigit(c);

    private static bool IsDomainCharacter(char c) => c is '-' or '.' || IsLetterOrDigit(c);

    // Accents may stand by themselves, behind their letter.
    private static bool IsLetterOrDigit(char c) => char.IsLetterOrDigit(c)
        || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
