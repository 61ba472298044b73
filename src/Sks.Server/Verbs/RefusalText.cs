using System.Globalization;
using Sks.Admin.V1;

namespace Sks.Server.Verbs;

/// <summary>What a peer has refused, as people and programs read it.</summary>
internal static class RefusalText
{
    /// <summary>A reason as a name in JSON.</summary>
    public static string Name(RefusalReason reason) => reason switch
    {
        RefusalReason.Held => "held",
        RefusalReason.NotHeld => "notHeld",
        RefusalReason.Restricted => "restricted",
        RefusalReason.TooLarge => "tooLarge",
        RefusalReason.Invalid => "invalid",
        RefusalReason.Busy => "busy",
        _ => "other",
    };

    /// <summary>Counts by reason in words: what was refused most often first.</summary>
    public static string Describe(IEnumerable<RefusedCount> refused) => string.Join(", ", refused
        .OrderByDescending(static count => count.Count)
        .ThenBy(static count => count.Reason)
        .Select(static count => string.Create(CultureInfo.InvariantCulture, $"{count.Count} {Words(count.Reason)}")));

    private static string Words(RefusalReason reason) => reason switch
    {
        RefusalReason.Held => "held already",
        RefusalReason.NotHeld => "not held",
        RefusalReason.Restricted => "restricted",
        RefusalReason.TooLarge => "too large",
        RefusalReason.Invalid => "invalid",
        RefusalReason.Busy => "not just then",
        _ => "for another reason",
    };
}
