using Sks.Reconciliation;
using Sks.Reconciliation.Sessions;

namespace Sks.HkpAdapter.Recon;

/// <summary>What the options mean to a session.</summary>
public static class ReconLimits
{
    /// <summary>The limits of one session.</summary>
    public static SessionLimits ToSessionLimits(this ReconOptions options) => new()
    {
        FullThreshold = options.FullThresholdFactor * options.Mbar,
        MaxOutstandingRequests = options.MaxOutstandingRequests,
        MaxDifferences = options.MaxDifferences,
        BootstrapThreshold = options.BootstrapThreshold,
    };

    /// <summary>The shape of the tree.</summary>
    public static TreeShape ToTreeShape(this ReconOptions options) => new(options.Mbar, options.BitQuantum);
}
