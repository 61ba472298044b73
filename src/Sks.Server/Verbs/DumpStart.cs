using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Sks.Admin.V1;
using Sks.Keys.V1;

namespace Sks.Server.Verbs;

/// <summary>Since when changes are to be dumped: exactly one of the two.</summary>
/// <param name="After">A place in the log of changes.</param>
/// <param name="Since">A time.</param>
internal sealed record DumpStart(Cursor? After, DateTimeOffset? Since)
{
    /// <summary>What the files are called unless the user says otherwise; as with SKS.</summary>
    public const string Prefix = "incdump";

    private static readonly long LastSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>Reads a cursor, seconds since 1970 as <c>sks incdump</c> takes them, or a time, UTC unless it says otherwise; null when it is neither.</summary>
    public static DumpStart? Parse(string text)
    {
        if (CursorText.Parse(text) is { } cursor)
            return new DumpStart(cursor, null);
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds))
            return seconds <= LastSecond ? new DumpStart(null, DateTimeOffset.FromUnixTimeSeconds(seconds)) : null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? new DumpStart(null, time) : null;
    }

    /// <summary>Puts it into a request.</summary>
    public void Apply(DumpRequest request)
    {
        request.After = After;
        request.Since = Since?.ToTimestamp();
    }
}
