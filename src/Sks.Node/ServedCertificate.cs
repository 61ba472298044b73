using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node;

/// <summary>Which packets of certificates a query is about.</summary>
public enum ServedView
{
    /// <summary>What is proven. The default for everybody.</summary>
    Clean,

    /// <summary>What SKS would hold, unproven. For SKS peers, and where the operator allows it.</summary>
    Full,
}

/// <summary>A stored certificate together with the view of it that may be shown.</summary>
public sealed class ServedCertificate
{
    private readonly ServedView _kind;

    private ServedCertificate(StoredCertificate stored, StoredView view, int policyVersion, ServedView kind)
    {
        Stored = stored;
        View = view;
        PolicyVersion = policyVersion;
        _kind = kind;
    }

    /// <summary>The certificate.</summary>
    public StoredCertificate Stored { get; }

    /// <summary>The view's packets, ready to send.</summary>
    public StoredView View { get; }

    /// <summary>Version of the policy whose clean views are served.</summary>
    public int PolicyVersion { get; }

    /// <summary>Digest of the clean view; null when that is empty.</summary>
    public ContentDigest? ContentDigest => Stored.ContentDigest(PolicyVersion);

    /// <summary>Reads the view's packets, with what verification found about each.</summary>
    /// <exception cref="StorageException">The record is damaged.</exception>
    public VerifiedCertificate Read() =>
        (_kind == ServedView.Full ? Stored.ReadFullView() : Stored.ReadCleanView(PolicyVersion))
        ?? throw new InvalidOperationException("The view was there a moment ago.");

    /// <summary>The certificate with one of its views; null when it has none of the kind.</summary>
    internal static ServedCertificate? Of(StoredCertificate stored, int policyVersion, ServedView kind) =>
        (kind == ServedView.Full ? stored.FullView : stored.CleanView(policyVersion)) is { } view
            ? new ServedCertificate(stored, view, policyVersion, kind)
            : null;
}
