using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sks.HkpAdapter.Http;

/// <summary>Undoes the percent-encoding of queries and forms. What is no valid escape stays as it is.</summary>
internal static class PercentDecoder
{
    private const int EscapeLength = 3;
    private const int UnicodeEscapeLength = 6;

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    /// <summary>Decodes <paramref name="text"/> in place.</summary>
    /// <param name="text">Encoded bytes; decoding never makes them more.</param>
    /// <param name="plusIsBlank">Whether '+' stands for a blank, as in forms. In what GnuPG sends it stands for itself.</param>
    /// <returns>How many bytes at the start of <paramref name="text"/> are the result.</returns>
    public static int Decode(Span<byte> text, bool plusIsBlank)
    {
        int written = 0;
        for (int read = 0; read < text.Length; written++)
        {
            byte value = text[read++];
            if (value == '%' && TryReadHex(text[read..], 2, out uint escaped))
            {
                value = (byte)escaped;
                read += EscapeLength - 1;
            }
            else if (value == '+' && plusIsBlank)
            {
                value = (byte)' ';
            }

            text[written] = value;
        }

        return written;
    }

    /// <summary>
    /// Decodes what JavaScript's <c>escape()</c> makes: <c>%uXXXX</c> are UTF-16 units and <c>%XX</c> are code points. Thunderbird sends it.
    /// </summary>
    /// <returns>UTF-8, or null when there is no <c>%uXXXX</c> in <paramref name="text"/>.</returns>
    public static byte[]? DecodeJavaScriptEscapes(ReadOnlySpan<byte> text, bool plusIsBlank)
    {
        StringBuilder? result = null;
        for (int at = text.IndexOf("%u"u8); at >= 0 && result is null && at < text.Length; at++)
        {
            if (TryReadUnicodeEscape(text[at..], out _))
                result = new StringBuilder(text.Length);
        }

        if (result is null)
            return null;

        while (!text.IsEmpty)
        {
            if (TryReadUnicodeEscape(text, out char unit))
            {
                result.Append(unit);
                text = text[UnicodeEscapeLength..];
            }
            else if (text[0] == '%' && TryReadHex(text[1..], 2, out uint escaped))
            {
                result.Append((char)escaped);
                text = text[EscapeLength..];
            }
            else
            {
                result.Append(text[0] == '+' && plusIsBlank ? ' ' : (char)text[0]);
                text = text[1..];
            }
        }

        return Encoding.UTF8.GetBytes(result.ToString());
    }

    private static bool TryReadUnicodeEscape(ReadOnlySpan<byte> text, out char unit)
    {
        unit = default;
        if (!text.StartsWith("%u"u8) || !TryReadHex(text[2..], 4, out uint value))
            return false;
        unit = (char)value;
        return true;
    }

    private static bool TryReadHex(ReadOnlySpan<byte> text, int digits, out uint value)
    {
        value = 0;
        return text.Length >= digits
            && !text[..digits].ContainsAnyExcept(HexDigits)
            && uint.TryParse(text[..digits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
