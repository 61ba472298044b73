using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sks.HkpAdapter.Pages;

/// <summary>Builds HTML. What stands in an interpolated string is markup, what is put into its holes is escaped.</summary>
/// <remarks>
/// User IDs are whatever strangers uploaded. Besides the characters that HTML gives a meaning to, control characters and those that
/// turn the direction of text around become visible code points, so that one line cannot pose as another.
/// </remarks>
internal sealed class Markup
{
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);

    /// <summary>The UTF-8 bytes so far.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    /// <summary>Appends markup as it is.</summary>
    public Markup Raw(string markup)
    {
        Encoding.UTF8.GetBytes(markup, _buffer);
        return this;
    }

    /// <summary>Appends text, escaped.</summary>
    public Markup Text(ReadOnlySpan<char> text)
    {
        foreach (Rune rune in text.EnumerateRunes())
            Append(rune);
        return this;
    }

    /// <summary>Appends markup with escaped holes.</summary>
    public Markup Add([InterpolatedStringHandlerArgument("")] ref Handler handler)
    {
        _ = handler;
        return this;
    }

    private void Append(Rune rune)
    {
        string? entity = rune.Value switch
        {
            '<' => "&lt;",
            '>' => "&gt;",
            '&' => "&amp;",
            '"' => "&quot;",
            '\'' => "&#x27;",
            '`' => "&#x60;",
            _ => null,
        };
        if (entity is not null)
        {
            Raw(entity);
        }
        else if (IsInvisible(rune))
        {
            Raw(rune.Value < 0x100 ? $"\\x{rune.Value:X2}" : $"\\u{{{rune.Value:X}}}");
        }
        else
        {
            Span<byte> bytes = _buffer.GetSpan(4);
            _buffer.Advance(rune.EncodeToUtf8(bytes));
        }
    }

    // Joiners have no glyph either, but names in several scripts need them, and they cannot move text.
    private static bool IsInvisible(Rune rune) => rune.Value is not (0x200C or 0x200D) && Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control
        or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned;

    /// <summary>Takes an interpolated string apart.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Handler
    {
        private readonly Markup _markup;

        public Handler(int literalLength, int formattedCount, Markup markup)
        {
            _ = literalLength;
            _ = formattedCount;
            _markup = markup;
        }

        public void AppendLiteral(string literal) => _markup.Raw(literal);

        public void AppendFormatted(string? text) => _markup.Text(text);

        public void AppendFormatted(ReadOnlySpan<char> text) => _markup.Text(text);

        public void AppendFormatted<T>(T value, string? format = null)
            where T : IFormattable => _markup.Text(value.ToString(format, CultureInfo.InvariantCulture));
    }
}
