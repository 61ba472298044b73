using Sks.Node;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.HkpAdapter.Tests;

/// <summary>What clients get of certificates that hold more than is proven.</summary>
public sealed class CleanViewTests
{
    private const string Junk = "Junk <junk@example.org>";

    private static readonly SigningKey Owner = SigningKey.FromPool(1);
    private static readonly SigningKey Revoker = SigningKey.FromPool(2);

    private static string Search { get; } = "search=0x" + Owner.Fingerprint;

    private static SignedCertificate Proven => new SignedCertificate(Owner).UserId("Owner <owner@example.org>").Certify();

    private static byte[] WithJunk => [.. Proven.Build(), .. Synthetic.Packet(OpenPgp.PacketTag.UserId, System.Text.Encoding.UTF8.GetBytes(Junk))];

    [Fact]
    public async Task Everybody_gets_what_is_proven_and_nothing_else()
    {
        await using HkpFixture hkp = await HkpFixture.StartAsync(WithJunk);
        string digest = OpenPgp.CertificateReader.TryRead(WithJunk, OpenPgp.OpenPgpLimits.Unlimited, out OpenPgp.Certificate full, out _) ? full.Digest.ToString() : "";
        foreach (string target in (string[])[$"op=get&{Search}", $"op=get&clean=off&{Search}", $"op=hget&search={digest}", "op=get&search=owner@example.org"])
            Assert.Equal(Proven.Build(), Synthetic.Dearmor((await hkp.GetAsync("/pks/lookup?" + target)).Body));
        foreach (string operation in (string[])["index", "vindex", "index&options=mr", "vindex&options=json"])
            Assert.DoesNotContain("junk", (await hkp.GetAsync($"/pks/lookup?op={operation}&clean=off&{Search}")).Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(404, (await hkp.GetAsync("/pks/lookup?op=get&search=junk@example.org")).StatusCode);
    }

    [Fact]
    public async Task Everything_that_is_stored_is_sent_where_the_operator_allows_it()
    {
        await using HkpFixture hkp = await HkpFixture.StartAsync(WithJunk, node: new KeyserverOptions { AllowFullView = true });
        RawHttpResponse full = await hkp.GetAsync("/pks/lookup?op=get&clean=off&" + Search);
        Assert.Equal(Synthetic.Packets(WithJunk), Synthetic.Packets(Synthetic.Dearmor(full.Body)));
        RawHttpResponse clean = await hkp.GetAsync("/pks/lookup?op=get&" + Search);
        Assert.Equal(Proven.Build(), Synthetic.Dearmor(clean.Body));
        Assert.NotEqual(full.Header("ETag"), clean.Header("ETag"));
    }

    [Fact]
    public async Task A_certificate_of_which_nothing_is_proven_is_not_there()
    {
        await using HkpFixture hkp = await HkpFixture.StartAsync(Synthetic.Unproven(3, Junk));
        foreach (string operation in (string[])["get", "index", "vindex", "index&options=mr", "get&options=bin"])
            Assert.Equal(404, (await hkp.GetAsync($"/pks/lookup?op={operation}&search=0x{Synthetic.FingerprintOf(3)}")).StatusCode);
    }

    [Fact]
    public async Task Version_6_is_sent_without_armor_only()
    {
        byte[] old = new SignedCertificate(SigningKey.FromPool(5)).UserId("Both <both@example.org>").Certify().Build();
        byte[] fresh = new SignedCertificate(SigningKey.FromPool(6, version: 6)).UserId("Both <both@example.org>").Certify().Build();
        await using HkpFixture hkp = await HkpFixture.StartAsync([.. old, .. fresh]);

        Assert.Equal(old, Synthetic.Dearmor((await hkp.GetAsync("/pks/lookup?op=get&search=both@example.org")).Body));
        Assert.Equal(Synthetic.Packets([.. old, .. fresh]), Synthetic.Packets((await hkp.GetAsync("/pks/lookup?op=get&options=bin&search=both@example.org")).Body));
        Assert.StartsWith("info:1:1\n", (await hkp.GetAsync("/pks/lookup?op=index&options=mr,bin&search=both@example.org")).Text, StringComparison.Ordinal);

        string search = "search=0x" + SigningKey.FromPool(6, version: 6).Fingerprint;
        foreach (string operation in (string[])["get", "index", "vindex", "index&options=mr", "index&options=json"])
            Assert.Equal(404, (await hkp.GetAsync($"/pks/lookup?op={operation}&{search}")).StatusCode);
        RawHttpResponse binary = await hkp.GetAsync($"/pks/lookup?op=get&options=bin&{search}");
        Assert.Equal(fresh, binary.Body);
        Assert.Equal("application/octet-stream", binary.Header("Content-Type"));
    }

    [Fact]
    public async Task The_index_says_what_the_owner_says()
    {
        const uint day = 86_400;
        SignedCertificate certificate = new SignedCertificate(Owner)
            .UserId("Gone <gone@example.org>").Certify().Revoke(32)
            .UserId("Later <later@example.org>").Certify(spec => spec.Expiring(day))
            .UserId("First <first@example.org>").Certify(spec => spec.Primary().KeyExpiring(2 * day));
        await using HkpFixture hkp = await HkpFixture.StartAsync(certificate.Build());

        uint made = SigningKey.DefaultCreationTime;
        string index = (await hkp.GetAsync("/pks/lookup?op=index&options=mr&" + Search)).Text;
        Assert.Equal(
            $"""
            info:1:1
            pub:{Owner.Fingerprint}:22:256:{made}:{made + (2 * day)}:e
            uid:First%20%3Cfirst%40example.org%3E:{made + 3}::
            uid:Later%20%3Clater%40example.org%3E:{made + 2}:{made + 2 + day}:e
            uid:Gone%20%3Cgone%40example.org%3E:{made}::r

            """,
            index);
        string page = (await hkp.GetAsync("/pks/lookup?op=index&" + Search)).Text;
        Assert.Contains("<bdi>First &lt;first@example.org&gt;</bdi></a> <span class=\"tag warn\">expired</span></h2>", page, StringComparison.Ordinal);
        Assert.Contains("<bdi>Gone &lt;gone@example.org&gt;</bdi> <span class=\"tag warn\">revoked</span></li>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_revokes_a_key_but_its_owner_and_whom_the_owner_designated()
    {
        byte[] revoked = Proven.Direct(spec => spec.With(Subpacket.RevocationKey(Revoker))).RevokeKeyBy(Revoker, 2).Build();
        await using HkpFixture hkp = await HkpFixture.StartAsync(revoked);
        Assert.DoesNotContain(":r\n", await ReadPubAsync(hkp), StringComparison.Ordinal);

        await hkp.ImportAsync(new SignedCertificate(Revoker).UserId("Revoker").Certify().Build());
        Assert.EndsWith(":r\n", await ReadPubAsync(hkp), StringComparison.Ordinal);

        byte[] forged = Proven.Direct(spec => spec.With(Subpacket.RevocationKey(Revoker))).RevokeKeyBy(SigningKey.FromPool(7), 2, spec => spec.ClaimingIssuer(Revoker)).Build();
        await using HkpFixture other = await HkpFixture.StartAsync([.. forged, .. new SignedCertificate(Revoker).UserId("Revoker").Certify().Build()]);
        Assert.DoesNotContain(":r\n", await ReadPubAsync(other), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_key_without_user_IDs_is_sent_with_its_revocation()
    {
        byte[] bare = new SignedCertificate(Owner).RevokeKey(2).Build();
        await using HkpFixture hkp = await HkpFixture.StartAsync(bare);
        Assert.Equal(bare, Synthetic.Dearmor((await hkp.GetAsync("/pks/lookup?op=get&" + Search)).Body));
        Assert.EndsWith(":r\n", await ReadPubAsync(hkp), StringComparison.Ordinal);
    }

    private static async Task<string> ReadPubAsync(HkpFixture hkp) =>
        (await hkp.GetAsync("/pks/lookup?op=index&options=mr&" + Search)).Text.Split('\n').Single(static line => line.StartsWith("pub:", StringComparison.Ordinal)) + "\n";
}
