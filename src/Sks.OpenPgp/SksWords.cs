namespace Sks.OpenPgp;

/// <summary>The words that SKS indexes user IDs by and searches for.</summary>
/// <remarks>
/// Words are runs of ASCII letters, digits and bytes from 0xC0 up, lower-cased as ISO 8859-1; every other byte separates, UTF-8
/// continuation bytes included. The same cut applies to queries, so UTF-8 still finds UTF-8. Source: utils.ml, checked on vectors.
/// </remarks>
public static class SksWords
{
    private static readonly byte[] Folded = CreateTable();

    /// <summary>Cuts the next word off the front of <paramref name="text"/>, lower-cased in place.</summary>
    public static bool TryTake(ref Span<byte> text, out ReadOnlySpan<byte> word)
    {
        int start = 0;
        while (start < text.Length && Folded[text[start]] == 0)
            start++;

        int end = start;
        for (; end < text.Length && Folded[text[end]] != 0; end++)
            text[end] = Folded[text[end]];

        word = text[start..end];
        text = text[end..];
        return !word.IsEmpty;
    }

    // Byte → lower-cased byte, 0 for separators.
    private static byte[] CreateTable()
    {
        var table = new byte[256];
        for (int value = 0; value < table.Length; value++)
        {
            bool isUpper = value is (>= 'A' and <= 'Z') or (>= 0xC0 and <= 0xD6) or (>= 0xD8 and <= 0xDE);
            bool isWord = isUpper || value is (>= 'a' and <= 'z') or (>= '0' and <= '9') or >= 0xC0;
            table[value] = (byte)(isUpper ? value + 0x20 : isWord ? value : 0);
        }

        return table;
    }
}
