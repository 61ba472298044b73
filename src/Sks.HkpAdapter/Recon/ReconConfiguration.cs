using System.Globalization;

namespace Sks.HkpAdapter.Recon;

/// <summary>What a side announces of itself before it reconciles.</summary>
/// <param name="Filters">Names of what was done to all certificates, in order. Both sides must have the same set.</param>
/// <param name="HttpPort">Port of HKP that the other side may fetch from.</param>
/// <param name="Mbar">Must be the same on both sides.</param>
/// <param name="BitQuantum">Must be the same on both sides.</param>
/// <param name="Version">Version of the protocol's implementation: three decimal numbers with dots.</param>
public sealed record ReconConfiguration(
    IReadOnlyList<string> Filters, int HttpPort, int Mbar = 5, int BitQuantum = 2, string Version = ReconConfiguration.OwnVersion)
{
    /// <summary>The version of SKS whose behaviour this is. Peers read it as a number that must not be too low, and show it on their pages.</summary>
    public const string OwnVersion = "1.1.6";

    /// <summary>What the options announce.</summary>
    /// <param name="options">The options; the shape and the filters are taken from them.</param>
    /// <param name="httpPort">Where HKP really is, for options that leave it open.</param>
    public static ReconConfiguration From(ReconOptions options, int httpPort) =>
        new(ParseFilters(options.Filters), options.HttpPort == 0 ? httpPort : options.HttpPort, options.Mbar, options.BitQuantum);

    /// <summary>Why this node does not reconcile at the moment, in words that peers take for something that passes; null when it does.</summary>
    public string? Busy { get; init; }

    /// <summary>Whether the peer must announce the same version, digit for digit.</summary>
    public bool IsVersionExact { get; init; }

    /// <summary>What is announced in a dialect. Those other than SKS's have fixed mbar and bitquantum.</summary>
    public ReconConfiguration For(ReconDialect dialect) =>
        dialect.Filters is { } filters ? new ReconConfiguration(ParseFilters(filters), HttpPort) { IsVersionExact = true } : this;

    /// <summary>Splits names at commas; empty ones are dropped, blanks belong to a name.</summary>
    public static IReadOnlyList<string> ParseFilters(string filters) => filters.Split(',', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>What to say in a log.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"version {Version}, filters {string.Join(',', Filters)}, HKP port {HttpPort}");
}
