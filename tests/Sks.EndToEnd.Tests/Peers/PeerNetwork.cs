using Sks.TestSupport;

namespace Sks.EndToEnd.Tests.Peers;

/// <summary>Several nodes that are peers of each other.</summary>
internal sealed class PeerNetwork : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly List<PeerNode> _nodes;

    private PeerNetwork(List<PeerNode> nodes) => _nodes = nodes;

    /// <summary>The nodes, as the links name them.</summary>
    public IReadOnlyList<PeerNode> Nodes => _nodes;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Nodes in a row, each a peer of the next one.</summary>
    public static Task<PeerNetwork> StartChainAsync(int count, params (string Name, object Value)[] settings) =>
        StartAsync(count, [.. Enumerable.Range(0, count - 1).Select(static i => (i, i + 1))], settings);

    /// <summary>Nodes with these links.</summary>
    /// <param name="count">How many nodes.</param>
    /// <param name="links">Pairs of nodes that become peers.</param>
    /// <param name="settings">Of all nodes.</param>
    public static async Task<PeerNetwork> StartAsync(int count, IReadOnlyList<(int First, int Second)> links, params (string Name, object Value)[] settings)
    {
        var network = new PeerNetwork([.. Enumerable.Range(0, count).Select(static i => new PeerNode($"node {i}"))]);
        try
        {
            await Parallel.ForEachAsync(network._nodes, Token, async (node, _) => await node.StartAsync(settings));
            foreach ((int first, int second) in links)
                await network._nodes[second].JoinAsync(network._nodes[first]);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Random links by which everyone reaches everyone.</summary>
    /// <param name="count">How many nodes.</param>
    /// <param name="more">Links besides the <paramref name="count"/> - 1 that it takes.</param>
    /// <param name="seed">Another seed makes another graph.</param>
    public static IReadOnlyList<(int First, int Second)> RandomLinks(int count, int more, int seed)
    {
        var random = new Random(seed);
        HashSet<(int First, int Second)> links = [.. Enumerable.Range(1, count - 1).Select(i => (random.Next(i), i))];
        while (links.Count < count - 1 + more)
        {
            (int one, int other) = (random.Next(count), random.Next(count));
            if (one < other)
                links.Add((one, other));
        }

        return [.. links];
    }

    /// <summary>Waits until all nodes hold the same clean views; returns their digests.</summary>
    /// <param name="count">How many certificates each has to have.</param>
    public Task<IReadOnlyList<string>> WaitForEqualAsync(int count) => WaitForEqualAsync(count, [.. _nodes]);

    /// <summary>Waits until these nodes hold the same clean views; returns their digests.</summary>
    public static async Task<IReadOnlyList<string>> WaitForEqualAsync(int count, params PeerNode[] nodes)
    {
        IReadOnlyList<string> digests = [];
        try
        {
            await Eventually.IsTrueAsync(
                async _ =>
                {
                    foreach (PeerNode node in nodes)
                    {
                        if (await node.CountAsync() != count)
                            return false;
                    }

                    digests = await nodes[0].DigestsAsync();
                    foreach (PeerNode node in nodes.Skip(1))
                    {
                        if (!digests.SequenceEqual(await node.DigestsAsync()))
                            return false;
                    }

                    return true;
                },
                $"all have the same {count} certificates",
                Patience,
                Token);
        }
        catch (TimeoutException e)
        {
            Assert.Fail($"{e.Message}\n{string.Join("\n\n", await Task.WhenAll(nodes.Select(static node => node.DescribeAsync())))}");
        }

        return digests;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (PeerNode node in _nodes)
            await node.DisposeAsync();
    }
}
