using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>One committed change of one certificate.</summary>
/// <param name="Sequence">Its place in the log; ascending, without gaps within one incarnation.</param>
/// <param name="Time">When it was committed.</param>
/// <param name="Identity">Which certificate.</param>
/// <param name="OldDigest">Digest of the full view before; null when there was none.</param>
/// <param name="NewDigest">Digest of the full view after; null when there is none.</param>
/// <param name="Source">Where it came from.</param>
/// <param name="PolicyVersion">The policy of the clean views; 0 for changes before there were any.</param>
/// <param name="OldContent">Digest of the clean view before; null when there was none.</param>
/// <param name="NewContent">Digest of the clean view after; null when there is none.</param>
public sealed record Change(
    ulong Sequence,
    DateTimeOffset Time,
    CertificateIdentity Identity,
    SksDigest? OldDigest,
    SksDigest? NewDigest,
    ChangeSource Source,
    int PolicyVersion,
    ContentDigest? OldContent,
    ContentDigest? NewContent)
{
    /// <summary>Whether the certificate was not stored before.</summary>
    public bool IsAddition => OldDigest is null && OldContent is null;

    /// <summary>Whether nothing of the certificate is stored any more.</summary>
    public bool IsRemoval => NewDigest is null && NewContent is null;
}
