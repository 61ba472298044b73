using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.OpenPgp.Tests.Views;

/// <summary>Versions of one certificate, examined together. What is asked of it also checks what holds for every view.</summary>
internal sealed class Examined
{
    private readonly Certificate[] _versions;
    private readonly CleanViewPolicy _policy;

    public Examined(CleanViewPolicy policy, params Certificate[] versions)
    {
        _versions = versions;
        _policy = policy;
        View = Select(policy, versions);
        if (View.Certificate is { } view)
        {
            Assert.Equal(view.ToArray(), Select(policy, view).Certificate!.ToArray());
            Assert.Equal(view.ToArray(), Keyrings.ReadOne(view.ToArray()).ToArray());
            Assert.Equal(view.ToArray(), Select(policy, [view, .. versions]).Certificate!.ToArray());
        }
    }

    public Examined(SignedCertificate certificate)
        : this(CleanViewPolicy.Current, certificate.BuildCertificate())
    {
    }

    public Examined(SignedCertificate certificate, CleanViewPolicy policy)
        : this(policy, certificate.BuildCertificate())
    {
    }

    /// <summary>The clean view.</summary>
    public CleanView View { get; }

    /// <summary>How many packets of a tag are in the view.</summary>
    public int Count(PacketTag tag) => View.Certificate?.Packets.Count(packet => packet.Tag == tag) ?? 0;

    /// <summary>Whether a packet is in the view.</summary>
    public bool Shows(byte[] body) => View.Certificate?.Packets.Any(packet => packet.Span.SequenceEqual(body)) ?? false;

    /// <summary>What became of a packet that stands in one place only; the explanation agrees with the view.</summary>
    public PacketFate FateOf(byte[] body)
    {
        PacketFate fate = Assert.Single(Explain(), finding => finding.Packet.Span.SequenceEqual(body)).Fate;
        Assert.Equal(fate == PacketFate.Kept, Shows(body));
        return fate;
    }

    /// <summary>What verification found about a signature that stands in one place only.</summary>
    public PacketVerdict VerdictOf(byte[] body) =>
        Assert.Single(Explain(), finding => finding.Packet.Span.SequenceEqual(body)).Verdict;

    /// <summary>The clean view of some versions.</summary>
    public static CleanView Select(CleanViewPolicy policy, params IReadOnlyList<Certificate> versions)
    {
        using CertificateExamination examination = Of(versions);
        return examination.Select(policy);
    }

    /// <summary>An examination that has taken some versions.</summary>
    public static CertificateExamination Of(IReadOnlyList<Certificate> versions)
    {
        var examination = new CertificateExamination(versions[0].PrimaryKey);
        foreach (Certificate version in versions)
            examination.Add(version);
        return examination;
    }

    private IReadOnlyList<PacketFinding> Explain()
    {
        using CertificateExamination examination = Of(_versions);
        return examination.Explain(_policy);
    }
}
