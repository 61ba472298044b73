using System.Globalization;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests.Peers;

/// <summary>A random connected graph of nodes, some of which are killed while all of them are given certificates.</summary>
/// <remarks>Small by default. <c>SKS_CLUSTER=10,10000,3</c> says how many nodes, certificates and kills there are instead.</remarks>
public sealed class PeerClusterTests
{
    private const int Together = 10;
    private const int Seed = 5;

    [Fact]
    public async Task All_nodes_are_equal_at_the_end_and_nothing_acknowledged_is_lost()
    {
        (int nodes, int certificates, int kills) = ReadSize();
        await using PeerNetwork network = await PeerNetwork.StartAsync(nodes, PeerNetwork.RandomLinks(nodes, nodes / 3, Seed));
        var random = new Random(Seed);
        int[] killedAt = [.. Enumerable.Range(1, kills).Select(i => certificates * i / (kills + 1) / Together * Together)];

        for (int first = 0; first < certificates; first += Together)
        {
            await network.Nodes[random.Next(nodes)].SubmitAsync(Enumerable.Range(first, Together)
                .Select(static seed => new CertificateBuilder(seed).SignedUserId($"Number {seed}").Build()));
            if (killedAt.Contains(first))
            {
                PeerNode killed = network.Nodes[random.Next(nodes)];
                await killed.KillAsync();
                await killed.RestartAsync();
            }
        }

        await network.WaitForEqualAsync(certificates);
        foreach (PeerNode node in network.Nodes)
            await node.ExpectSoundAsync();
    }

    private static (int Nodes, int Certificates, int Kills) ReadSize()
    {
        string size = Environment.GetEnvironmentVariable("SKS_CLUSTER") ?? "6,600,2";
        int[] numbers = [.. size.Split(',').Select(static number => int.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture))];
        return (numbers[0], numbers[1], numbers[2]);
    }
}
