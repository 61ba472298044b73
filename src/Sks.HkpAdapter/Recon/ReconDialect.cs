using System.Diagnostics.CodeAnalysis;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Recon;

/// <summary>How a peer speaks the protocol of reconciliation, and what it reconciles.</summary>
/// <remarks>
/// Hockeypuck refuses whoever does not announce its filters byte for byte: they name the rules by which it cleans certificates, so that each dialect is a network
/// of its own. 2.2 and 2.3 share one, 2.4 has another; 2.1 speaks like SKS. Source: Hockeypuck 2.3.3 and its main branch as seen on the wire.
/// </remarks>
/// <param name="Name">As operators write it.</param>
/// <param name="View">What is reconciled; null for full views, as SKS does.</param>
/// <param name="Filters">What is announced; null for what the options say.</param>
public sealed record ReconDialect(string Name, Dialect? View, string? Filters)
{
    private const string Hockeypuck23Filters =
        "drop:UAT,drop:hardRevokedCruft,drop:implausible,drop:invalidSelfSig,drop:structuralMartian,drop:unbound,drop:unparseable," +
        "schema:application/pgp-keys,versions:34,yminsky.dedup,yminsky.merge";

    private const string Hockeypuck24Filters =
        "drop:UAT,drop:hardRevokedCruft,drop:implausible,drop:invalidSelfSig,drop:oldSlhdsaSelfSig,drop:structuralMartian,drop:unbound," +
        "drop:unparseable,schema:application/pgp-keys,versions:3+4+6+rfc9980,yminsky.dedup,yminsky.merge";

    /// <summary>SKS's own.</summary>
    public static ReconDialect Sks { get; } = new("sks", null, null);

    /// <summary>All that are known.</summary>
    public static IReadOnlyList<ReconDialect> All { get; } =
    [
        Sks,
        new(Dialect.Hockeypuck23.Name, Dialect.Hockeypuck23, Hockeypuck23Filters),
        new(Dialect.Hockeypuck24.Name, Dialect.Hockeypuck24, Hockeypuck24Filters),
    ];

    /// <summary>The dialect with a name.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out ReconDialect? dialect)
    {
        dialect = All.FirstOrDefault(known => known.Name == name);
        return dialect is not null;
    }

    /// <summary>The dialect that a peer names by what it announces; null when none is known by that.</summary>
    /// <param name="filters">What the peer announced.</param>
    /// <param name="ownFilters">What is announced to SKS peers.</param>
    public static ReconDialect? FindByFilters(IReadOnlyList<string> filters, IReadOnlyList<string> ownFilters) =>
        All.FirstOrDefault(known => filters.ToHashSet(StringComparer.Ordinal).SetEquals(
            known.Filters is null ? ownFilters : ReconConfiguration.ParseFilters(known.Filters)));
}
