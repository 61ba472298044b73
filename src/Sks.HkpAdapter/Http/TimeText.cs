using System.Globalization;

namespace Sks.HkpAdapter.Http;

/// <summary>Times for programs.</summary>
internal static class TimeText
{
    /// <summary>UTC to the second, as RFC 3339 writes it.</summary>
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
