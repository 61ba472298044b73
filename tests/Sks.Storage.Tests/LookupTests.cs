using System.Globalization;
using System.Text;
using Sks.OpenPgp;
using Sks.TestSupport;

namespace Sks.Storage.Tests;

public class LookupTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Version_3_twins_with_one_fingerprint_are_two_records_and_both_are_found()
    {
        // The fingerprint covers the key material but not the creation time.
        byte[] body = TestPackets.PublicKey(3, 1);
        byte[] later = [.. body];
        later[4]++;
        Certificate[] twins = [.. new[] { body, later }.Select(static key => Keyrings.ReadOne(TestPackets.Frame(PacketTag.PublicKey, key)))];
        Fingerprint fingerprint = twins[0].PrimaryKey.Fingerprint;
        Assert.Equal(fingerprint, twins[1].PrimaryKey.Fingerprint);

        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync(twins);
        Assert.Equal(2, test.Store.Count);
        using StoreLease lease = test.Store.TakeLease();
        Assert.Equal(twins.Select(static t => t.Identity).ToHashSet(), lease.Reader.Find(fingerprint, 10).ToHashSet());
        Assert.Equal(twins.Select(static t => t.Identity).ToHashSet(), lease.Reader.Find(twins[0].PrimaryKey.KeyId, 10).ToHashSet());
        Assert.Equal(twins[1].Identity, lease.Reader.Find(twins[1].Digest)!.Identity);
        test.AssertSound();
    }

    [Fact]
    public async Task Match_on_a_primary_key_excludes_matches_on_subkeys()
    {
        var owner = new CertificateBuilder(1);
        Certificate stranger = new CertificateBuilder(2)
            .Add(PacketTag.PublicSubkey, owner.PrimaryKey.Body.ToArray()).Signature(SignatureType.SubkeyBinding).BuildCertificate();
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(stranger, Token);
        using StoreLease lease = test.Store.TakeLease();
        Assert.Equal([stranger.Identity], lease.Reader.Find(owner.PrimaryKey.Fingerprint, 10));
        Assert.Equal([stranger.Identity], lease.Reader.Find(owner.PrimaryKey.KeyId, 10));

        Certificate own = owner.BuildCertificate();
        await test.SubmitAsync(own, Token);
        Assert.Equal([own.Identity], lease.Reader.Find(owner.PrimaryKey.Fingerprint, 10));
        Assert.Equal([own.Identity], lease.Reader.Find(owner.PrimaryKey.KeyId, 10));
    }

    [Fact]
    public async Task Version_6_is_found_like_any_other()
    {
        Certificate certificate = TestStore.Version6(1);
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(certificate, Token);
        test.AssertSound();
        using StoreLease lease = test.Store.TakeLease();
        Assert.Equal([certificate.Identity], lease.Reader.Find(certificate.PrimaryKey.Fingerprint, 10));
        Assert.Equal([certificate.Identity], lease.Reader.Find(certificate.PrimaryKey.KeyId, 10));
        Assert.Equal([certificate.Identity], lease.Reader.FindIdentity("number.1@example.org", 10));
        Assert.True(PublicKeyPacket.TryParse(certificate.Subkeys[0].Packet.Body, out PublicKeyPacket subkey, out _));
        Assert.Equal([certificate.Identity], lease.Reader.Find(subkey.Fingerprint, 10));
        StoredCertificate stored = lease.Reader.Find(Merging.ViewsOf(certificate).Clean[0].Digest!.Value, 1)!;
        Assert.Equal(certificate.ToArray(), stored.CleanView(1)!.Value.ToArray());
        Assert.Null(stored.SksDigest);
        Assert.Null(lease.Reader.Find(certificate.Digest));
    }

    [Fact]
    public async Task What_nobody_proved_is_found_by_its_key_alone()
    {
        Certificate certificate = new CertificateBuilder(1).UserId("junk <junk@example.org>").JunkSignature(SignatureType.PositiveCertification).Subkey(2).BuildCertificate();
        Assert.True(PublicKeyPacket.TryParse(certificate.Subkeys[0].Packet.Body, out PublicKeyPacket subkey, out _));
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(certificate, Token);
        test.AssertSound();
        using StoreLease lease = test.Store.TakeLease();
        Assert.Equal([certificate.Identity], lease.Reader.Find(certificate.PrimaryKey.Fingerprint, 10));
        Assert.Equal([certificate.Identity], lease.Reader.Find(certificate.PrimaryKey.KeyId, 10));
        Assert.Equal(certificate.Identity, lease.Reader.Find(certificate.Digest)!.Identity);
        Assert.Empty(lease.Reader.Find(subkey.Fingerprint, 10));
        Assert.Empty(lease.Reader.Find(subkey.KeyId, 10));
        Assert.Empty(lease.Reader.FindIdentity("junk@example.org", 10));
        Assert.Empty(Search(lease, "junk", 10, 10)!);

        // With a proof it is found, and with it only that.
        await test.SubmitAsync(new CertificateBuilder(1).SignedUserId("real <real@example.org>").BuildCertificate(), Token);
        Assert.Equal([certificate.Identity], lease.Reader.FindIdentity("real@example.org", 10));
        Assert.Empty(lease.Reader.FindIdentity("junk@example.org", 10));
        test.AssertSound();
    }

    [Fact]
    public async Task Start_of_a_longer_fingerprint_finds_nothing()
    {
        Certificate certificate = TestStore.Certificate(1);
        Assert.True(PublicKeyPacket.TryParse(certificate.Subkeys[0].Packet.Body, out PublicKeyPacket subkey, out _));
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(certificate, Token);
        using StoreLease lease = test.Store.TakeLease();
        Assert.NotEmpty(lease.Reader.Find(subkey.Fingerprint, 10));
        foreach (Fingerprint full in (Fingerprint[])[subkey.Fingerprint, certificate.PrimaryKey.Fingerprint])
        {
            Assert.True(Fingerprint.TryCreate(full.Span[..Fingerprint.Version3Length], out Fingerprint start));
            Assert.Empty(lease.Reader.Find(start, 10));
        }
    }

    [Fact]
    public async Task Search_stops_at_its_limit()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync(Enumerable.Range(1, 20).Select(static seed => TestStore.Version(seed, 1)));
        using StoreLease lease = test.Store.TakeLease();
        Assert.Equal(20, lease.Reader.FindIdentity("p1@example.org", 100).Count);
        Assert.Equal(7, lease.Reader.FindIdentity("p1@example.org", 7).Count);
        Assert.Equal(20, Search(lease, "part example", 100, 20)!.Count);
        Assert.Equal(7, Search(lease, "part example", 7, 20)!.Count);
    }

    [Fact]
    public async Task Words_must_all_be_there_and_one_of_them_must_be_rare()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync(Enumerable.Range(1, 20).Select(static seed => TestStore.Version(seed, 1, seed)));
        using StoreLease lease = test.Store.TakeLease();

        // "part", "of", "example", "org" and "1" are in all, "p7" in one.
        Assert.Null(Search(lease, "part", 100, 19));
        Assert.Null(Search(lease, "part of example org", 100, 19));
        Assert.Equal(20, Search(lease, "part of example org", 100, 20)!.Count);
        Assert.Equal([TestStore.Version(7).Identity], Search(lease, "part p7", 100, 19));
        Assert.Equal([TestStore.Version(7).Identity], Search(lease, "example org part of p7 1", 100, 19));
        Assert.Empty(Search(lease, "p7 p8", 100, 19)!);
        Assert.Empty(Search(lease, "part nobody", 100, 19)!);
        Assert.Empty(Search(lease, "exampl", 100, 19)!);
    }

    [Fact]
    public async Task Long_words_are_found_and_told_apart()
    {
        await using TestStore test = TestStore.Open();
        string[] words = [new('x', 48), new('x', 49), new('x', 2000), new string('x', 1999) + 'y'];
        Certificate[] certificates = [.. words.Select(static (word, i) => new CertificateBuilder(i + 1).SignedUserId(word).BuildCertificate())];
        await test.SubmitAllAsync(certificates);
        using StoreLease lease = test.Store.TakeLease();
        for (int i = 0; i < words.Length; i++)
            Assert.Equal([certificates[i].Identity], Search(lease, words[i], 10, 10));
    }

    [Fact]
    public async Task Search_for_very_many_words_is_given_up()
    {
        // Every certificate has all words but one that none has, so that a naive search would look all of them up.
        const int Certificates = 600;
        const int WordsPerUserId = 200;
        string[] words = [.. Enumerable.Range(0, 500).Select(static i => $"word{i:D4}")];
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync(Enumerable.Range(1, Certificates).Select(
            seed => words.Chunk(WordsPerUserId).Aggregate(new CertificateBuilder(seed), static (builder, some) => builder.SignedUserId(string.Join(' ', some)))
                .BuildCertificate()));
        using StoreLease lease = test.Store.TakeLease();
        Assert.Null(Search(lease, string.Join(' ', words), 1000, 20_000));
        Assert.Null(Search(lease, string.Join(' ', words.Take(250)), 1000, 20_000));
        Assert.Equal(Certificates, Search(lease, string.Join(' ', words.Take(100)), 1000, 20_000)!.Count);
        Assert.Empty(Search(lease, string.Join(' ', words.Take(250)) + " a", 1000, 20_000)!);
    }

    [Fact]
    public async Task Certificate_with_very_many_words_is_stored_and_indexed_within_bounds()
    {
        var builder = new CertificateBuilder(1);
        foreach (int[] some in Enumerable.Range(0, 30_000).Chunk(400))
            builder.SignedUserId(string.Join(' ', some.Select(static i => i.ToString("x", CultureInfo.InvariantCulture))));
        Certificate certificate = builder.BuildCertificate();
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(certificate, Token);
        await test.SubmitAsync(new CertificateBuilder(1).SignedUserId("findable").BuildCertificate(), Token);
        test.AssertSound();
        using (StoreLease lease = test.Store.TakeLease())
            Assert.Equal([certificate.Identity], Search(lease, "findable", 10, 10));
        await test.WhileClosedAsync(static folder => Assert.Equal(20_000, RawStore.Read(folder, Family.Words).Count));
    }

    private static IReadOnlyList<CertificateIdentity>? Search(StoreLease lease, string text, int limit, int commonLimit) => lease.Reader.FindWords(
        [.. text.Split(' ').Select(static word => (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes(word))], limit, commonLimit);
}
