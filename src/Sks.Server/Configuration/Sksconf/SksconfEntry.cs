using System.Globalization;

namespace Sks.Server.Configuration.Sksconf;

/// <summary>What becomes of one of SKS's settings.</summary>
internal abstract record SksconfEntry(string Name)
{
    /// <summary>Whether it is written without a value.</summary>
    public bool IsFlag { get; init; }
}

/// <summary>A setting that is one of ours.</summary>
/// <param name="Name">As SKS calls it.</param>
/// <param name="Translate">Its value as ours; <see cref="FormatException"/> with what is expected when it is none.</param>
/// <param name="Paths">Ours, as <c>Section:Property</c>.</param>
internal sealed record TranslatedEntry(string Name, Func<string, string> Translate, params string[] Paths) : SksconfEntry(Name);

/// <summary>A setting that says where to listen; these depend on each other.</summary>
internal sealed record ListenerEntry(string Name, Action<SksconfListeners, string> Apply) : SksconfEntry(Name);

/// <summary>A setting that changes nothing here.</summary>
/// <param name="Name">As SKS calls it.</param>
/// <param name="Reason">Why, for the log.</param>
internal sealed record IneffectiveEntry(string Name, string Reason) : SksconfEntry(Name);

/// <summary>Values of SKS as ours.</summary>
internal static class SksconfValue
{
    // Far above any sensible time, and far below what a TimeSpan holds.
    private const double MaxSeconds = 1e9;

    public static string Text(string value) => value;

    /// <summary>A mail address, also one that was quoted or has a name before it.</summary>
    public static string BareAddress(string value)
    {
        string text = value.Trim().Trim('"');
        int open = text.LastIndexOf('<');
        return open >= 0 && text.EndsWith('>') ? text[(open + 1)..^1] : text;
    }

    public static string Number(string value) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number.ToString(CultureInfo.InvariantCulture)
            : throw new FormatException($"'{value}' is not a whole number");

    public static string Seconds(string value) => Time(value, Number(value), 1);

    public static string Minutes(string value) => Time(value, Number(value), 60);

    /// <summary>Minutes, with fractions.</summary>
    public static string FractionalMinutes(string value) => Time(value, value, 60);

    /// <summary>A verbosity of 0 to 10 as the least important level that is still logged.</summary>
    public static string LogLevel(string value) => int.Parse(Number(value), CultureInfo.InvariantCulture) switch
    {
        <= 0 => nameof(Microsoft.Extensions.Logging.LogLevel.Error),
        <= 2 => nameof(Microsoft.Extensions.Logging.LogLevel.Warning),
        <= 5 => nameof(Microsoft.Extensions.Logging.LogLevel.Information),
        <= 8 => nameof(Microsoft.Extensions.Logging.LogLevel.Debug),
        _ => nameof(Microsoft.Extensions.Logging.LogLevel.Trace),
    };

    private static string Time(string value, string number, double unitSeconds)
    {
        const NumberStyles style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent | NumberStyles.AllowLeadingSign;
        if (!double.TryParse(number, style, CultureInfo.InvariantCulture, out double units) || !double.IsFinite(units))
            throw new FormatException($"'{value}' is not a number");
        double seconds = units * unitSeconds;
        return seconds is >= 0 and <= MaxSeconds
            ? TimeSpan.FromSeconds(seconds).ToString("c", CultureInfo.InvariantCulture)
            : throw new FormatException($"'{value}' is no time that can be kept");
    }
}
