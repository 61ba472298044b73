using System.Globalization;
using Sks.Admin.V1;
using Sks.OpenPgp;
using Sks.Server.CommandLine;
using Certificate = Sks.Keys.V1.Certificate;
using PacketFate = Sks.Admin.V1.PacketFate;

namespace Sks.Server.Verbs;

/// <summary>A certificate that is explained, and how it is printed.</summary>
/// <param name="certificate">What names it.</param>
internal sealed class Explanation(Certificate certificate)
{
    /// <summary>All its packets in canonical order.</summary>
    public List<ExplainedPacket> Packets { get; } = [];

    /// <summary>What it is called in SKS's network and in each dialect; empty where nothing of it is held.</summary>
    public List<ProfileDigest> Digests { get; } = [];

    /// <summary>Prints one line per packet; signatures are indented below what they are about.</summary>
    public void WriteText()
    {
        string created = certificate.CreationTime.ToDateTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        Terminal.WriteLine($"certificate {Convert.ToHexString(certificate.Fingerprint.Span)}, version {certificate.Version}, created {created}");
        Terminal.WriteLine(HexText.OfOptional(certificate.ContentDigest) is { } content
            ? $"clean view: content digest {content}, policy {certificate.PolicyVersion}"
            : $"clean view: none, because nothing in the certificate is proven, policy {certificate.PolicyVersion}");
        Terminal.WriteLine(HexText.OfOptional(certificate.SksDigest) is { } digest ? $"full view: SKS digest {digest}" : "full view: none");
        foreach (ProfileDigest dialect in Digests.Skip(1))
            Terminal.WriteLine($"{dialect.Profile}: {(HexText.OfOptional(dialect.Digest) is { } named ? $"digest {named}" : "holds nothing of it")}");
        foreach (ExplainedPacket packet in Packets)
            Terminal.WriteLine(Describe(packet));
        int served = Packets.Count(static packet => packet.Fate == PacketFate.Kept);
        Terminal.WriteLine($"packets: {served} served, {Packets.Count - served} left out");
    }

    /// <summary>Prints all of it as one JSON object.</summary>
    public void WriteJson() => Terminal.WriteJson(new
    {
        Fingerprint = Convert.ToHexString(certificate.Fingerprint.Span),
        certificate.Version,
        Created = certificate.CreationTime.ToDateTimeOffset(),
        SksDigest = HexText.OfOptional(certificate.SksDigest),
        ContentDigest = HexText.OfOptional(certificate.ContentDigest),
        certificate.PolicyVersion,
        Digests = Digests.ToDictionary(static named => named.Profile, static named => HexText.OfOptional(named.Digest)),
        Packets = Packets.Select(static packet => new
        {
            packet.Tag,
            packet.Length,
            packet.Description,
            Created = packet.CreationTime?.ToDateTimeOffset(),
            Verdict = packet.Verdict == SignatureVerdict.Unspecified ? null : packet.Verdict.ToString(),
            InCleanView = packet.Fate == PacketFate.Kept,
            packet.InFullView,
            Fate = packet.Fate.ToString(),
            Reason = packet.Reason.Length == 0 ? null : packet.Reason,
        }),
    });

    private string Describe(ExplainedPacket packet)
    {
        string indent = packet.Tag == (uint)PacketTag.Signature ? "  " : "";
        string time = packet.CreationTime is { } created ? ", " + created.ToDateTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "";
        string reason = packet.Reason.Length == 0 ? "" : $": {packet.Reason}";
        string place = packet.InFullView || certificate.SksDigest.IsEmpty ? "" : " (not in the full view)";
        string verdict = packet.Fate == PacketFate.Kept ? "served  " : "left out";
        return ErrorReport.OneLine($"{verdict}  {indent}{packet.Description}{time}{reason}{place}");
    }
}
