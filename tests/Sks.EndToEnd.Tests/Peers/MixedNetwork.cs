using System.Net;
using System.Text.RegularExpressions;
using Sks.TestSupport;
using AdminPeer = Sks.Admin.V1.Peer;

namespace Sks.EndToEnd.Tests.Peers;

/// <summary>A real SKS, a node, another node and another real SKS in a row, or in a ring.</summary>
internal sealed class MixedNetwork : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly List<SksPeer> _servers = [];
    private readonly bool _isRing;

    private MixedNetwork(bool isRing) => _isRing = isRing;

    /// <summary>The node beside <see cref="FirstServer"/>, a peer of <see cref="Second"/>.</summary>
    public PeerNode First { get; } = new("first", reconAddress: "127.0.0.12");

    /// <summary>The node beside <see cref="SecondServer"/>.</summary>
    public PeerNode Second { get; } = new("second", reconAddress: "127.0.0.13");

    /// <summary>The SKS at one end.</summary>
    public SksPeer FirstServer => _servers[0];

    /// <summary>The SKS at the other end.</summary>
    public SksPeer SecondServer => _servers[1];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts them all.</summary>
    /// <param name="isRing">Whether the two SKS servers are peers as well.</param>
    /// <param name="keyrings">What they have: an SKS, a node, a node, an SKS.</param>
    public static async Task<MixedNetwork> StartAsync(bool isRing, IReadOnlyList<string> keyrings)
    {
        var network = new MixedNetwork(isRing);
        try
        {
            await network.ServeAsync("127.0.0.11", keyrings[0]);
            await network.ServeAsync("127.0.0.14", keyrings[3], gossips: false);
            await network.First.ImportAsync(keyrings[1]);
            await network.Second.ImportAsync(keyrings[2]);
            IEnumerable<IPEndPoint> Members(PeerNode node, SksPeer other) => isRing ? [node.ReconEndPoint, other.ReconEndPoint] : [node.ReconEndPoint];
            network.FirstServer.WriteMembership(Members(network.First, network.SecondServer));
            network.SecondServer.WriteMembership(Members(network.Second, network.FirstServer));
            network.First.ReconcileWith(network.FirstServer.ReconEndPoint);
            network.Second.ReconcileWith(network.SecondServer.ReconEndPoint);

            foreach (SksPeer server in network._servers)
                await server.StartReconAsync(Token);
            await Task.WhenAll(network.First.StartAsync(), network.Second.StartAsync());
            await network.Second.JoinAsync(network.First);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits for something that the nodes bring about; a failure comes with what both know and logged.</summary>
    public async Task WaitAsync(Func<Task<bool>> condition, string what)
    {
        try
        {
            await Eventually.IsTrueAsync(_ => condition(), what, Patience, Token);
        }
        catch (TimeoutException e)
        {
            Assert.Fail($"{e.Message}\n{await First.DescribeAsync()}\n\n{await Second.DescribeAsync()}");
        }
    }

    /// <summary>Waits until all four hold the same, as SKS sees it; returns fingerprints and digests.</summary>
    public async Task<IReadOnlyList<string>> WaitForEqualAsync()
    {
        IReadOnlyList<string> digests = [];
        await WaitAsync(
            async () =>
            {
                digests = await First.SksDigestsAsync();
                return digests.SequenceEqual(await Second.SksDigestsAsync())
                    && digests.SequenceEqual(await ReadDigestsAsync(FirstServer, digests))
                    && digests.SequenceEqual(await ReadDigestsAsync(SecondServer, digests));
            },
            "all four hold the same");
        return digests;
    }

    /// <summary>Waits for so many more rounds on each link.</summary>
    public async Task WaitForRoundsAsync(ulong rounds)
    {
        (IReadOnlyList<AdminPeer> first, IReadOnlyList<AdminPeer> second, int servers) =
            (await First.ReadPeersAsync(), await Second.ReadPeersAsync(), CountRoundsOfServers());
        await First.WaitForRoundsAsync(Second, rounds);
        await First.WaitForPeersAsync(peers => HasHad(first, peers), $"{rounds} more rounds");
        await Second.WaitForPeersAsync(peers => HasHad(second, peers), $"{rounds} more rounds");
        if (_isRing)
            await WaitAsync(() => Task.FromResult(CountRoundsOfServers() >= servers + (int)rounds), $"{rounds} more rounds between the SKS servers");

        bool HasHad(IReadOnlyList<AdminPeer> before, IReadOnlyList<AdminPeer> now) =>
            now.Zip(before).All(pair => pair.First.Kind != Admin.V1.PeerKind.Sks || pair.First.SessionCount >= pair.Second.SessionCount + rounds);
    }

    public async ValueTask DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
        foreach (SksPeer server in _servers)
            await server.DisposeAsync();
    }

    // Both log each round, so that the sum would count it twice.
    private int CountRoundsOfServers() => Regex.Count(
        FirstServer.ReadLog("recon"), $@"hashes recovered from <ADDR_INET \[{Regex.Escape(SecondServer.ReconEndPoint.Address.ToString())}\]");

    private static async Task<IEnumerable<string>> ReadDigestsAsync(SksPeer server, IReadOnlyList<string> expected)
    {
        IReadOnlyDictionary<string, string> digests = await server.DigestsAsync(expected.Select(static line => line.Split(' ')[0]), Token);
        return digests.Select(static pair => $"{pair.Key} {pair.Value}").Order(StringComparer.Ordinal);
    }

    // An SKS does one thing at a time: two that contact each other at once would wait for each other. So only one of them makes contact.
    private async Task ServeAsync(string address, string keyring, bool gossips = true) => _servers.Add(await SksPeer.ServeAsync(
        [keyring],
        new SksPeerOptions
        {
            Address = IPAddress.Parse(address),
            GossipInterval = TimeSpan.FromSeconds(1),
            Settings = gossips ? new Dictionary<string, string?>() : new Dictionary<string, string?> { ["dontgossip"] = "" },
        },
        Token));
}
