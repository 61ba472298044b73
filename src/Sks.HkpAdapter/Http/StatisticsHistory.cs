using Sks.Node;

namespace Sks.HkpAdapter.Http;

/// <summary>Changes within one day or hour.</summary>
/// <param name="Start">Its beginning, UTC.</param>
/// <param name="Added">Certificates that were new.</param>
/// <param name="Updated">Certificates that got something new.</param>
internal readonly record struct HistoryRow(DateTimeOffset Start, long Added, long Updated);

/// <summary>Puts the hours of a node's history together.</summary>
internal static class StatisticsHistory
{
    /// <summary>Hours, newest first.</summary>
    public static IReadOnlyList<HistoryRow> Hourly(NodeStatistics statistics) =>
        [.. statistics.History.Reverse().Select(static hour => new HistoryRow(hour.Hour, hour.Added, hour.Updated))];

    /// <summary>Days, newest first.</summary>
    public static IReadOnlyList<HistoryRow> Daily(NodeStatistics statistics) =>
    [
        .. statistics.History
            .Reverse()
            .GroupBy(static hour => hour.Hour.UtcDateTime.Date)
            .Select(static day => new HistoryRow(
                new DateTimeOffset(day.Key, TimeSpan.Zero), day.Sum(static hour => hour.Added), day.Sum(static hour => hour.Updated))),
    ];
}
