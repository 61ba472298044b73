namespace Sks.Node;

/// <summary>How a query ended.</summary>
public enum QueryStatus
{
    /// <summary>Complete; possibly nothing was found.</summary>
    Complete,

    /// <summary>More certificates match than may be returned, by number or by size.</summary>
    TooManyMatches,

    /// <summary>Every word is so common, or there are so many of them, that the search was given up.</summary>
    TooCommonWords,
}

/// <summary>What a query found.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Certificates">The matches, newest primary key first; empty unless complete.</param>
public sealed record QueryResult(QueryStatus Status, IReadOnlyList<ServedCertificate> Certificates);
