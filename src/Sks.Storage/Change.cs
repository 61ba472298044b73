using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>One committed change of one certificate.</summary>
/// <param name="Sequence">Its place in the log; ascending, without gaps within one incarnation.</param>
/// <param name="Time">When it was committed.</param>
/// <param name="Identity">Which certificate.</param>
/// <param name="OldDigest">Digest of the full view before; null when the certificate is new.</param>
/// <param name="NewDigest">Digest of the full view after; null when the certificate was removed.</param>
/// <param name="Source">Where it came from.</param>
public sealed record Change(
    ulong Sequence, DateTimeOffset Time, CertificateIdentity Identity, SksDigest? OldDigest, SksDigest? NewDigest, ChangeSource Source);
