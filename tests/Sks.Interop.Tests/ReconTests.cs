using System.Net;
using Sks.HkpAdapter.Recon;
using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.TestSupport;

namespace Sks.Interop.Tests;

/// <summary>A node of ours in a network of real SKS servers, each of which must not notice.</summary>
public sealed class ReconTests : IAsyncDisposable
{
    private static readonly IPAddress TheirAddress = IPAddress.Parse("127.0.0.2");
    private static readonly IPAddress OtherAddress = IPAddress.Parse("127.0.0.3");
    private static readonly IPAddress OurAddress = IPAddress.Parse("127.0.0.4");

    private readonly TemporaryFolder _folder = new();
    private readonly ReconKeyserver _ours = new(OurAddress);

    /// <summary>Whether this node makes contact, numbers of certificates that both, only they and only we have.</summary>
    public static TheoryData<bool, int, int, int> Differences => new()
    {
        { true, 30, 0, 0 },
        { false, 30, 0, 0 },
        { true, 400, 1, 0 },
        { false, 400, 0, 1 },
        { true, 400, 2, 3 },
        { false, 400, 3, 2 },
        { true, 400, 3, 3 },
        { false, 400, 3, 3 },
        { true, 1000, 5, 5 },
        { false, 1000, 5, 5 },
        { true, 1000, 80, 70 },
        { false, 1000, 80, 70 },
        { true, 0, 160, 170 },
        { false, 0, 160, 170 },
        { true, 0, 300, 0 },
        { false, 0, 300, 0 },
        { true, 20, 0, 380 },
        { false, 20, 380, 0 },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _ours.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Differences))]
    public async Task Both_end_with_the_union(bool weContact, int common, int onlyTheirs, int onlyOurs)
    {
        string both = WriteKeyring("both", 0, common);
        string theirs = WriteKeyring("theirs", 10_000, onlyTheirs);
        await _ours.ImportAsync(both, WriteKeyring("ours", 20_000, onlyOurs));
        await using SksPeer sks = await ServeAsync([both, theirs], weContact);
        int union = common + onlyTheirs + onlyOurs;

        await ConnectAsync(sks, weContact);

        await WaitAsync(
            async token => _ours.Digests().Count == union && await sks.KeyCountAsync(token) == union,
            $"both have {union} certificates");
        await _ours.WaitForQuietRoundsAsync(2);
        Assert.Equal(0, _ours.Peer.Aliases + _ours.Peer.Ineffective);
        Assert.Equal([], (await _ours.Node.CheckAsync(repair: false, null, Token)).Differences);
    }

    [Fact]
    public async Task A_thousand_differences_in_a_hundred_thousand_are_found_and_fetched()
    {
        // Bare user IDs: SKS takes anything, and verifying is not what is tried here.
        string common = WriteBare("common", 0, 99_000);
        string theirs = WriteBare("theirs", 200_000, 500);
        string ours = WriteBare("ours", 300_000, 500);
        await _ours.ImportOfflineAsync(common);
        await _ours.ImportOfflineAsync(ours);
        await using SksPeer sks = await ServeAsync([common, theirs], weContact: true);

        await ConnectAsync(sks, weContact: true);

        await WaitAsync(
            async token => _ours.Node.GetStatistics().Certificates == 100_000 && await sks.KeyCountAsync(token) == 100_000, "both have 100,000 certificates");
        await _ours.WaitForQuietRoundsAsync(2);
        Assert.Equal(500, _ours.Peer.Differences);
    }

    [Fact]
    public async Task Both_end_with_the_union_of_two_versions_of_a_certificate()
    {
        string common = WriteKeyring("both", 0, 200);
        Certificate theirs = Versioned("theirs").BuildCertificate();
        Certificate ours = Versioned("ours").BuildCertificate();
        string digest = CertificateMerger.Merge(theirs, ours).Digest.ToString();
        await _ours.ImportAsync(common, Write("ours", [ours.ToArray()]));
        await using SksPeer sks = await ServeAsync([common, Write("theirs", [theirs.ToArray()])], weContact: true);

        await ConnectAsync(sks, weContact: true);

        string fingerprint = ours.PrimaryKey.Fingerprint.ToString();
        await WaitAsync(
            async token => _ours.Digests().Contains(digest) && await sks.DigestOfAsync(fingerprint, token) == digest, "both have the union");
        await _ours.WaitForQuietRoundsAsync(2);
        Assert.Equal(201, await sks.KeyCountAsync(Token));
    }

    [Theory]
    [InlineData("q", "3", "bitquantum values do not match")]
    [InlineData("mbar", "7", "mbar values do not match")]
    public async Task Other_settings_are_refused_in_words(string setting, string value, string reason)
    {
        string keyring = WriteKeyring("both", 0, 60);
        await _ours.ImportAsync(keyring);
        await using SksPeer sks = await ServeAsync([keyring], weContact: true, new Dictionary<string, string?> { [setting] = value });

        await ConnectAsync(sks, weContact: true);

        await WaitAsync(() => _ours.Peer.LastError?.Contains(reason, StringComparison.Ordinal) == true, reason);
        Assert.Equal(0, _ours.Peer.Sessions);
        await WaitAsync(
            () => _ours.Peer.NextAttempt > _ours.Peer.LastContact, "the next attempt is put off");
    }

    [Fact]
    public async Task Other_filters_are_refused_in_words()
    {
        string keyring = WriteKeyring("both", 0, 60);
        await _ours.ImportAsync(keyring);
        await using SksPeer sks = await ServeAsync([keyring], weContact: true);

        await ConnectAsync(sks, weContact: true, static options => options.Filters = "yminsky.dedup");

        await WaitAsync(() => _ours.Peer.LastError?.Contains("filters do not match", StringComparison.Ordinal) == true, "a refusal");
        Assert.Equal(0, _ours.Peer.Sessions);
    }

    [Theory]
    [InlineData(RestrictionKind.Block)]
    [InlineData(RestrictionKind.Erase)]
    public async Task What_is_restricted_here_makes_no_difference_and_no_fetch_after_the_third_round(RestrictionKind kind)
    {
        string common = WriteKeyring("both", 0, 100);
        Certificate first = Versioned("first").BuildCertificate();
        Certificate second = Versioned("second").BuildCertificate();
        await _ours.ImportAsync(common, Write("ours", [first.ToArray()]));
        await _ours.Node.Restrictions.IssueAsync(
            kind, new RestrictionSubject.Certificate(first.PrimaryKey.Fingerprint), "anna", "order 17", Token);
        await using SksPeer a = await ServeAsync([common, Write("first", [first.ToArray()])], weContact: true, address: TheirAddress);
        await using SksPeer b = await ServeAsync([common, Write("second", [second.ToArray()])], weContact: true, address: OtherAddress);
        a.WriteMembership([_ours.EndPoint]);
        b.WriteMembership([_ours.EndPoint]);
        await a.StartReconAsync(Token);
        await b.StartReconAsync(Token);

        await _ours.StartAsync([a.ReconEndPoint, b.ReconEndPoint]);

        await WaitAsync(
            () => _ours.Node.Peers.Read() is { Count: 2 } peers && peers.All(static peer => peer is { Sessions: >= 3, Aliases: 1 }), "three rounds with both");
        var before = _ours.Node.Peers.Read();
        int requestsBefore = CountRequests(a) + CountRequests(b);
        await WaitAsync(
            () => _ours.Node.Peers.Read().Zip(before).All(static pair => pair.First.Sessions >= pair.Second.Sessions + 3), "three more rounds");
        Assert.Equal(before.Select(static peer => peer.Differences), _ours.Node.Peers.Read().Select(static peer => peer.Differences));
        Assert.Equal(requestsBefore, CountRequests(a) + CountRequests(b));
        Assert.Equal(100, _ours.Digests().Count);
        Assert.Equal(first.Digest.ToString(), await a.DigestOfAsync(first.PrimaryKey.Fingerprint.ToString(), Token));
        Assert.Equal(second.Digest.ToString(), await b.DigestOfAsync(first.PrimaryKey.Fingerprint.ToString(), Token));
    }

    [Fact]
    public async Task A_certificate_sent_to_one_end_of_a_chain_is_served_at_the_other()
    {
        string common = WriteKeyring("both", 0, 60);
        await _ours.ImportAsync(common);
        await using SksPeer a = await ServeAsync([common], weContact: true, address: TheirAddress);
        await using SksPeer b = await ServeAsync([common], weContact: true, address: OtherAddress);
        a.WriteMembership([_ours.EndPoint]);
        b.WriteMembership([_ours.EndPoint]);
        await a.StartReconAsync(Token);
        await b.StartReconAsync(Token);
        await _ours.StartAsync([a.ReconEndPoint, b.ReconEndPoint]);
        await using GpgHome sender = GpgHome.Create();
        string fingerprint = await sender.GenerateKeyAsync("Chain <chain@example.org>", Token);

        (await sender.SendKeysAsync(a.KeyserverUri, [fingerprint], Token)).EnsureSuccess();

        await WaitAsync(async token => await b.DigestOfAsync(fingerprint, token) is not null, "it is at the other end");
        await using GpgHome receiver = GpgHome.Create();
        (await receiver.ReceiveKeysAsync(b.KeyserverUri, [fingerprint], Token)).EnsureSuccess();
        (await receiver.ReceiveKeysAsync(_ours.KeyserverUri, [fingerprint], Token)).EnsureSuccess();
        Assert.Equal(await a.DigestOfAsync(fingerprint, Token), await b.DigestOfAsync(fingerprint, Token));
    }

    private Task WaitAsync(Func<bool> condition, string what) => WaitAsync(_ => Task.FromResult(condition()), what);

    private async Task WaitAsync(Func<CancellationToken, Task<bool>> condition, string what)
    {
        try
        {
            await Eventually.IsTrueAsync(condition, what, TimeSpan.FromMinutes(2), Token);
        }
        catch (TimeoutException e)
        {
            Assert.Fail($"{e.Message}; {_ours.Digests().Count} certificates here:\n{_ours.Log}");
        }
    }

    private static CertificateBuilder Versioned(string userId) => new CertificateBuilder(9000).SignedUserId("both").SignedUserId(userId);

    private static int CountRequests(SksPeer sks) => sks.ReadLog("db").Split('\n').Count(static line => line.Contains("hashquery", StringComparison.Ordinal));

    // Who is contacted does not gossip itself, so that the roles are certain.
    private static async Task<SksPeer> ServeAsync(
        IReadOnlyList<string> keyrings, bool weContact, IReadOnlyDictionary<string, string?>? settings = null, IPAddress? address = null)
    {
        var all = new Dictionary<string, string?>(settings ?? new Dictionary<string, string?>());
        if (weContact)
            all["dontgossip"] = "";
        return await SksPeer.ServeAsync(
            [.. keyrings.Where(static keyring => new FileInfo(keyring).Length > 0)],
            new SksPeerOptions { Address = address ?? TheirAddress, GossipInterval = TimeSpan.FromSeconds(1), Settings = all },
            Token);
    }

    private async Task ConnectAsync(SksPeer sks, bool weContact, Action<ReconOptions>? configure = null)
    {
        sks.WriteMembership([_ours.EndPoint]);
        await sks.StartReconAsync(Token);
        bool isEmpty = await sks.KeyCountAsync(Token) == 0;
        await _ours.StartAsync(
            [sks.ReconEndPoint],
            options =>
            {
                options.Gossip = weContact;

                // An empty SKS database has not been through the filter that merges.
                if (isEmpty)
                    options.Filters = "yminsky.dedup";
                configure?.Invoke(options);
            });
    }

    private string WriteKeyring(string name, int firstSeed, int count) =>
        Write(name, Enumerable.Range(firstSeed, count).Select(static seed => CertificateBuilder.Ordinary(seed).Build()));

    private string WriteBare(string name, int firstSeed, int count) =>
        Write(name, Enumerable.Range(firstSeed, count).Select(static seed => (byte[])
        [
            .. TestPackets.Frame(PacketTag.PublicKey, TestPackets.PublicKey(4, seed)),
            .. TestPackets.Frame(PacketTag.UserId, TestPackets.UserId($"bare {seed} <bare.{seed}@example.org>")),
        ]));

    private string Write(string name, IEnumerable<byte[]> certificates)
    {
        string path = _folder.Combine(name + ".pgp");
        using FileStream stream = File.Create(path);
        foreach (byte[] certificate in certificates)
            stream.Write(certificate);
        return path;
    }
}
