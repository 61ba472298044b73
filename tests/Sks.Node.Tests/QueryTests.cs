using System.Text;
using Sks.OpenPgp;
using Sks.TestSupport;

namespace Sks.Node.Tests;

public class QueryTests
{
    [Fact]
    public async Task Newest_comes_first()
    {
        await using TestNode test = TestNode.Open();
        await test.SubmitAsync(((int[])[5, 9, 2, 7]).Select(static seed => new CertificateBuilder(seed).UserId("Same Name <same@example.org>").Certification()));
        foreach (CertificateSelector selector in (CertificateSelector[])[Words("name same"), new CertificateSelector.ByIdentity("SAME@example.org")])
        {
            uint[] times = [.. test.Find(selector).Select(static found => found.Stored.ReadCreationTime())];
            Assert.Equal(4, times.Length);
            Assert.Equal(times.OrderDescending(), times);
        }
    }

    [Fact]
    public async Task As_many_as_the_limit_are_too_many()
    {
        await using TestNode test = TestNode.Open(static options => options.MaxMatches = 5);
        await test.SubmitAsync(Enumerable.Range(1, 4).Select(static seed => new CertificateBuilder(seed).UserId("x <x@example.org>").Certification()));
        Assert.Equal(4, test.Find(Words("x")).Count);
        await test.SubmitAsync(new CertificateBuilder(5).UserId("x <x@example.org>").Certification());
        Assert.Equal((QueryStatus.TooManyMatches, 0), Describe(test.Node.Query.Find(Words("x"))));
        Assert.Equal((QueryStatus.TooManyMatches, 0), Describe(test.Node.Query.Find(new CertificateSelector.ByIdentity("x@example.org"))));
    }

    [Fact]
    public async Task Results_that_are_too_large_together_are_too_many()
    {
        await using TestNode test = TestNode.Open(static options => options.MaxResultBytes = 1 << 20);
        await test.SubmitAsync(Enumerable.Range(1, 3).Select(static seed => new CertificateBuilder(seed).UserId("big").Certification().Attribute(60_000).Certification()));
        Assert.Equal(3, test.Find(Words("big")).Count);
        await test.SubmitAsync(Enumerable.Range(10, 20).Select(static seed => new CertificateBuilder(seed).UserId("big").Certification().Attribute(60_000).Certification()));
        Assert.Equal((QueryStatus.TooManyMatches, 0), Describe(test.Node.Query.Find(Words("big"))));
    }

    [Fact]
    public async Task Common_words_alone_are_refused_and_hostile_queries_end()
    {
        await using TestNode test = TestNode.Open(static options => options.MaxInternalMatches = 3);
        await test.SubmitAsync(Enumerable.Range(1, 4).Select(static seed => new CertificateBuilder(seed).UserId($"common number{seed}").Certification()));
        Assert.Equal((QueryStatus.TooCommonWords, 0), Describe(test.Node.Query.Find(Words("common"))));
        Assert.Single(test.Find(Words("COMMON, number2!")));
        Assert.Empty(test.Find(Words("common" + new string('z', 10_000))));
        Assert.Empty(test.Find(Words(" .,;")));
        Assert.Empty(test.Find(Words("")));
        string many = string.Join(' ', Enumerable.Range(0, 500).Select(static i => $"w{i}"));
        Assert.Equal((QueryStatus.TooCommonWords, 0), Describe(test.Node.Query.Find(Words(many))));
        Assert.Single(test.Find(Words(string.Concat(Enumerable.Repeat("number3 ", 500)))));
    }

    [Fact]
    public async Task Every_selector_finds_the_certificate()
    {
        await using TestNode test = TestNode.Open();
        CertificateBuilder builder = CertificateBuilder.Ordinary(1);
        Certificate certificate = builder.BuildCertificate();
        await test.SubmitAsync(builder, CertificateBuilder.Ordinary(2));
        Assert.True(PublicKeyPacket.TryParse(certificate.Subkeys[0].Packet.Body, out PublicKeyPacket subkey, out _));
        foreach (CertificateSelector selector in (CertificateSelector[])
            [
                new CertificateSelector.ByFingerprint(certificate.PrimaryKey.Fingerprint), new CertificateSelector.ByFingerprint(subkey.Fingerprint),
                new CertificateSelector.ByKeyId(certificate.PrimaryKey.KeyId), new CertificateSelector.ByKeyId(subkey.KeyId),
                new CertificateSelector.ByDigest(certificate.Digest), new CertificateSelector.ByIdentity("number 1 <NUMBER.1@example.org>"),
                new CertificateSelector.ByIdentity("number.1@example.org"), Words("number 1"),
            ])
        {
            Assert.Equal(certificate.Digest, Assert.Single(test.Find(selector)).Read().Certificate.Digest);
            Assert.Equal(certificate.ToArray(), Assert.Single(test.Find(selector, ServedView.Full)).View.ToArray());
        }
    }

    private static CertificateSelector.ByWords Words(string text) => new(Encoding.Latin1.GetBytes(text));

    private static (QueryStatus, int) Describe(QueryResult result) => (result.Status, result.Certificates.Count);
}
