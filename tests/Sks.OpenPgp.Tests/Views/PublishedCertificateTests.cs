using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.OpenPgp.Tests.Views;

/// <summary>Certificates that others made or that standards print.</summary>
public sealed class PublishedCertificateTests
{
    [Fact]
    public void The_sample_of_RFC_9580_is_proven_in_full()
    {
        Certificate sample = Keyrings.ReadOne(Armor.Read(TestData.Read("rfc9580", "v6-certificate.asc"))[0]);
        using CertificateExamination examination = Examined.Of([sample]);

        Assert.Equal(sample.ToArray(), examination.Select(CleanViewPolicy.Current).Certificate!.ToArray());
        Assert.Equal(
            [PacketVerdict.Proven, PacketVerdict.Proven],
            examination.Verdicts(sample).Verdicts.ToArray().Where(static verdict => verdict != PacketVerdict.NotExamined));
    }

    [Theory]
    [InlineData(PacketTag.Padding)]
    [InlineData(PacketTag.Marker)]
    [InlineData(PacketTag.Trust)]
    [InlineData((PacketTag)60)]
    public void Packets_that_mean_nothing_are_not_in_the_view_of_a_version_6_certificate(PacketTag tag)
    {
        SignedCertificate plain = SignedCertificate.Ordinary(1, 6);
        byte[] view = Examined.Select(CleanViewPolicy.Current, plain.BuildCertificate()).Certificate!.ToArray();
        SignedCertificate padded = plain.Add(tag, [1, 2, 3]);

        Assert.True(CertificateReader.TryRead(padded.Build(), OpenPgpLimits.Default, out Certificate certificate, out _));
        Assert.Equal(view, Examined.Select(CleanViewPolicy.Current, certificate).Certificate!.ToArray());
    }
}
