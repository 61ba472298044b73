using CsCheck;
using Sks.TestSupport;

namespace Sks.OpenPgp.Tests;

public sealed class CertificateMergerTests
{
    private const long Iterations = 2_000;

    [Fact]
    public void Merging_a_version_with_itself_changes_nothing() =>
        GenCertificates.VersionOfOneWithRepetitions.Sample(
            static version => CertificateMerger.Merge(version, Copy(version)).Digest == version.Digest,
            iter: Iterations);

    [Fact]
    public void Order_does_not_matter() =>
        Gen.Select(GenCertificates.VersionOfOneWithRepetitions, GenCertificates.VersionOfOneWithRepetitions).Sample(
            static (a, b) => CertificateMerger.Merge(a, b).Digest == CertificateMerger.Merge(b, a).Digest,
            iter: Iterations);

    [Fact]
    public void Grouping_does_not_matter_where_nothing_is_repeated() =>
        Gen.Select(GenCertificates.VersionOfOne, GenCertificates.VersionOfOne, GenCertificates.VersionOfOne).Sample(
            static (a, b, c) => CertificateMerger.Merge(CertificateMerger.Merge(a, b), c).Digest
                == CertificateMerger.Merge(a, CertificateMerger.Merge(b, c)).Digest,
            iter: Iterations);

    [Fact]
    public void An_older_version_adds_nothing_to_the_union() =>
        Gen.Select(GenCertificates.VersionOfOne, GenCertificates.VersionOfOne).Sample(
            static (a, b) =>
            {
                Certificate union = CertificateMerger.Merge(a, b);
                return CertificateMerger.Merge(union, a).Digest == union.Digest
                    && CertificateMerger.Merge(b, union).Digest == union.Digest;
            },
            iter: Iterations);

    [Fact]
    public void The_union_holds_every_packet_of_both_sides_and_no_other() =>
        Gen.Select(GenCertificates.VersionOfOneWithRepetitions, GenCertificates.VersionOfOneWithRepetitions).Sample(
            static (a, b) => Texts(CertificateMerger.Merge(a, b)).SetEquals(Texts(a).Union(Texts(b))),
            iter: Iterations);

    [Fact]
    public void What_a_merge_gives_is_canonical() =>
        Gen.Select(GenCertificates.VersionOfOneWithRepetitions, GenCertificates.VersionOfOneWithRepetitions).Sample(
            static (a, b) =>
            {
                byte[] merged = CertificateMerger.Merge(a, b).ToArray();
                return Keyrings.ReadOne(merged).ToArray().AsSpan().SequenceEqual(merged);
            },
            iter: Iterations);

    [Fact]
    public void Repeated_signatures_stay_until_another_version_brings_the_same_user_id()
    {
        Certificate repeated = new CertificateBuilder(1)
            .UserId("u").Signature(SignatureType.PositiveCertification, 1).Signature(SignatureType.PositiveCertification, 1)
            .BuildCertificate();
        Certificate other = new CertificateBuilder(1).UserId("v").BuildCertificate();
        Certificate once = new CertificateBuilder(1).UserId("u").Signature(SignatureType.PositiveCertification, 1).BuildCertificate();

        Assert.Equal(2, repeated.UserIds[0].Signatures.Count);
        Assert.Equal(2, CertificateMerger.Merge(repeated, other).UserIds[0].Signatures.Count);
        Assert.Equal(once.Digest, CertificateMerger.Merge(repeated, once).Digest);
        Assert.Equal(once.Digest, CertificateMerger.Merge(once, repeated).Digest);
    }

    [Fact]
    public void Different_certificates_are_not_merged()
    {
        Certificate first = new CertificateBuilder(1).BuildCertificate();
        Certificate second = new CertificateBuilder(2).BuildCertificate();

        Assert.Throws<ArgumentException>(() => CertificateMerger.Merge(first, second));
    }

    [Fact]
    public void Version_3_keys_that_share_a_fingerprint_are_different_certificates()
    {
        byte[] key = TestPackets.PublicKey(3, 1);
        byte[] later = [.. key];
        later[4]++;
        Certificate first = Keyrings.ReadOne(TestPackets.Frame(PacketTag.PublicKey, key));
        Certificate second = Keyrings.ReadOne(TestPackets.Frame(PacketTag.PublicKey, later));

        Assert.Equal(first.PrimaryKey.Fingerprint, second.PrimaryKey.Fingerprint);
        Assert.NotEqual(first.Identity, second.Identity);
        Assert.Throws<ArgumentException>(() => CertificateMerger.Merge(first, second));
    }

    private static Certificate Copy(Certificate certificate) => Keyrings.ReadOne(certificate.ToArray());

    private static HashSet<string> Texts(Certificate certificate) =>
        [.. certificate.Packets.Select(static p => $"{p.Tag} {Convert.ToHexString(p.Span)}")];
}
