using Sks.Reconciliation;
using Sks.Reconciliation.Sessions;

namespace Sks.HkpAdapter.Recon;

/// <summary>What the options mean to a session.</summary>
public static class ReconLimits
{
    private const int DialectFullThreshold = 50;

    /// <summary>The limits of one session.</summary>
    /// <param name="options">The options.</param>
    /// <param name="dialect">What the peer speaks.</param>
    public static SessionLimits ToSessionLimits(this ReconOptions options, ReconDialect dialect) => new()
    {
        IsHockeypuck = dialect.View is not null,
        FullThreshold = dialect.View is null ? options.FullThresholdFactor * options.Mbar : DialectFullThreshold,
        MaxOutstandingRequests = options.MaxOutstandingRequests,
        MaxDifferences = options.MaxDifferences,
        BootstrapThreshold = options.BootstrapThreshold,
    };

    /// <summary>The shape of the tree.</summary>
    public static TreeShape ToTreeShape(this ReconOptions options) => new(options.Mbar, options.BitQuantum);
}
