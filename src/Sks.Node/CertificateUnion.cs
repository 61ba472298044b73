using Sks.OpenPgp;

namespace Sks.Node;

/// <summary>The union of what is stored and what comes in, with the limits that apply to it: the same online and offline.</summary>
internal static class CertificateUnion
{
    /// <summary>The union; null when it is larger than the limits. What is stored stays as it is then.</summary>
    public static Certificate? TryMerge(Certificate current, Certificate incoming, OpenPgpLimits limits)
    {
        Certificate union = CertificateMerger.Merge(current, incoming);
        bool grows = union.GetLength() > current.GetLength();
        bool fits = union.GetLength() <= limits.MaxCertificateBytes && union.PacketCount <= limits.MaxPackets;
        return fits || !grows ? union : null;
    }
}
