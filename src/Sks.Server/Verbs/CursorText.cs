using System.Globalization;
using Sks.Keys.V1;

namespace Sks.Server.Verbs;

/// <summary>A cursor as one word: 16 hex digits for the log, a colon, the number of the change.</summary>
internal static class CursorText
{
    private const int IncarnationLength = 16;

    public static string Format(Cursor cursor) => string.Create(CultureInfo.InvariantCulture, $"{cursor.Incarnation:x16}:{cursor.Sequence}");

    public static Cursor? Parse(string text)
    {
        string[] parts = text.Split(':');
        return parts is [{ Length: IncarnationLength } incarnationText, var sequenceText]
            && ulong.TryParse(incarnationText, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong incarnation)
            && ulong.TryParse(sequenceText, NumberStyles.None, CultureInfo.InvariantCulture, out ulong sequence)
                ? new Cursor { Incarnation = incarnation, Sequence = sequence }
                : null;
    }
}
