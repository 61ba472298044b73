namespace Sks.OpenPgp;

/// <summary>What one policy makes of the packets of a certificate: all that clients and modern peers see of it.</summary>
/// <param name="PolicyVersion">Version of the policy.</param>
/// <param name="Certificate">The packets in canonical order; null when nothing is proven, and the certificate is not to be shown.</param>
/// <param name="Digest">Names the content; null with <paramref name="Certificate"/>.</param>
public sealed record CleanView(int PolicyVersion, Certificate? Certificate, ContentDigest? Digest)
{
    internal static CleanView Of(int policyVersion, Certificate? certificate) =>
        new(policyVersion, certificate, certificate is null ? null : ContentDigest.Compute(policyVersion, certificate));
}
