using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Http;

/// <summary>Reads the value of <c>search</c>, of which clients have very different ideas.</summary>
/// <remarks>
/// GnuPG and sq send '+' for a plus, forms send it for a blank, and GnuPG sends a blank for the plus of an address it locates; Thunderbird
/// sends ISO 8859-1 or <c>%uXXXX</c>. Hence several readings of one value, tried in turn.
/// </remarks>
internal static class SearchParser
{
    /// <summary>Longest decoded text, in bytes.</summary>
    public const int MaxLength = 1024;

    private const int MaxEncodedLength = 6 * MaxLength;
    private const int ShortKeyIdDigits = 8;
    private const int KeyIdDigits = 2 * KeyId.Length;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Reads an encoded value.</summary>
    public static SearchTerm Parse(ReadOnlySpan<char> encoded)
    {
        if (encoded.Length > MaxEncodedLength)
            return new SearchTerm(SearchTermKind.TooLong);
        if (TryParseHex(encoded, out SearchTerm? fast))
            return fast;

        byte[] literal = Decode(encoded, plusIsBlank: false);
        if (literal.Length > MaxLength)
            return new SearchTerm(SearchTermKind.TooLong);

        byte[] spaced = encoded.Contains('+') ? Decode(encoded, plusIsBlank: true) : literal;
        string text = UserIdText.Decode(literal).Trim();
        string spacedText = UserIdText.Decode(spaced).Trim();
        if (spacedText.Length == 0)
            return new SearchTerm(SearchTermKind.Empty);

        string digits = spacedText.Replace(" ", "", StringComparison.Ordinal);
        if (TryParseHex(digits, out SearchTerm? hex))
            return hex;

        // As in SKS: 0x announces a key ID, but among other words it is one of them.
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && digits.Length == spacedText.Length)
            return new SearchTerm(SearchTermKind.BadHex) { Display = spacedText };

        SearchTerm term = new(SearchTermKind.Text)
        {
            Display = text,
            Identities = FindIdentities(text, spacedText),
            Texts = FindTexts(literal),
        };
        return TryParseBareHex(digits, out SearchTerm? bare) ? bare with { Identities = term.Identities, Texts = term.Texts } : term;
    }

    private static byte[] Decode(ReadOnlySpan<char> encoded, bool plusIsBlank)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(encoded.ToArray());
        if (PercentDecoder.DecodeJavaScriptEscapes(bytes, plusIsBlank) is { } unescaped)
            return unescaped;
        int length = PercentDecoder.Decode(bytes, plusIsBlank);
        return bytes[..length];
    }

    // Anything that begins with 0x and goes on with a number of hex digits that means something.
    private static bool TryParseHex(ReadOnlySpan<char> text, [NotNullWhen(true)] out SearchTerm? term)
    {
        term = null;
        if (!text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) || text[2..].ContainsAnyExcept(HexDigits))
            return false;
        ReadOnlySpan<char> digits = text[2..];
        if (digits.Length == ShortKeyIdDigits)
            term = new SearchTerm(SearchTermKind.ShortKeyId) { Display = text.ToString() };
        else if (TryParseBareHex(digits, out SearchTerm? known))
            term = known with { Display = text.ToString() };
        return term is not null;
    }

    private static bool TryParseBareHex(ReadOnlySpan<char> digits, [NotNullWhen(true)] out SearchTerm? term)
    {
        term = null;
        if (digits.ContainsAnyExcept(HexDigits))
            return false;
        if (digits.Length == KeyIdDigits)
        {
            var keyId = new KeyId(ulong.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            term = new SearchTerm(SearchTermKind.KeyId) { KeyId = keyId, Display = digits.ToString() };
        }
        else if (Fingerprint.TryParse(digits, out Fingerprint fingerprint))
        {
            term = new SearchTerm(SearchTermKind.Fingerprint) { Fingerprint = fingerprint, Display = digits.ToString() };
        }

        return term is not null;
    }

    private static List<string> FindIdentities(string text, string spacedText)
    {
        List<string> identities = [];
        AddIdentity(identities, text);
        AddIdentity(identities, spacedText);

        int at = spacedText.IndexOf('@', StringComparison.Ordinal);
        bool lostPlus = at > 0
            && at == spacedText.LastIndexOf('@')
            && !spacedText.Contains('<', StringComparison.Ordinal)
            && spacedText.AsSpan(0, at).Contains(' ');
        if (lostPlus)
            AddIdentity(identities, string.Concat(spacedText[..at].Replace(' ', '+'), spacedText.AsSpan(at)));
        return identities;
    }

    private static void AddIdentity(List<string> identities, string text)
    {
        if (text is ['<', .., '>'])
            text = text[1..^1].Trim();
        Add(identities, text);
        if (text.Contains('<', StringComparison.Ordinal) && UserIdText.TryFindAddress(text, out string address))
            Add(identities, address);
    }

    private static void Add(List<string> identities, string text)
    {
        if (text.Length > 0 && !identities.Contains(text))
            identities.Add(text);
    }

    private static List<byte[]> FindTexts(byte[] literal) => Utf8.IsValid(literal)
        ? [literal]
        : [literal, Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(literal))];
}
