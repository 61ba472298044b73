using System.Security.Cryptography;
using Google.Protobuf;
using Sks.Peer.V1;
using Sks.TestSupport;
using AdminPeer = Sks.Admin.V1.Peer;

namespace Sks.EndToEnd.Tests.Peers;

/// <summary>A node and a peer that was joined in good faith and means harm: sessions end, what they cost is bounded, and the node goes on serving.</summary>
public sealed class PeerHostileTests : IAsyncDisposable
{
    private const int Held = 50;
    private const int CellBytes = 16;
    private const int CellsPerMessage = 4096;
    private const int MostSessions = 20;
    private const long MemoryGrowth = 256 << 20;

    private readonly PeerNode _node = new("node");
    private readonly HostileCaller _caller = new();

    // Does not listen, so that nobody can call it.
    private readonly PeerNode _client = new("client", listens: false);

    public async ValueTask DisposeAsync()
    {
        _caller.Dispose();
        await _node.DisposeAsync();
        await _client.DisposeAsync();
    }

    [Fact]
    public async Task An_exchange_under_another_key_is_a_breach()
    {
        await StartAsync();
        using HostileSession session = await _caller.CallAsync(_node);

        await session.TrySendAsync(Begin(session.KeyEpoch + 1));

        Error error = await session.ReadErrorAsync();
        Assert.Equal((ErrorCode.Protocol, "an exchange under another link key"), (error.Code, error.Detail));
        await ExpectToldAsync(error.Detail);
        await ExpectServingAsync(_node);
    }

    [Fact]
    public async Task Who_begins_for_ever_is_sent_away_for_a_while()
    {
        await StartAsync();

        await CallUntilRefusedAsync(static session => Begin(session.KeyEpoch));

        Assert.Contains((await _node.RunAsync("peers")).OutputLines, static line => line.Contains("has asked for too much", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_wants_new_keys_for_ever_is_sent_away_for_a_while()
    {
        await StartAsync();

        // What is said after the hello makes the node give up, unless it has before.
        int sessions = await CallUntilRefusedAsync(static session => Begin(session.KeyEpoch + 1), needsNewKey: true);

        Assert.InRange(sessions, 5, MostSessions);
    }

    [Fact]
    public async Task Who_calls_and_sends_cells_for_ever_is_sent_away_for_a_while()
    {
        await StartAsync();
        long memory = _node.Process.ReadPeakMemory();

        await CallUntilRefusedAsync(static session => session.Said++ == 0 ? Begin(session.KeyEpoch) : RandomCells(0));

        Assert.InRange(_node.Process.ReadPeakMemory(), memory, memory + MemoryGrowth);
    }

    [Fact]
    public async Task Who_is_called_and_sends_cells_for_ever_is_called_less_and_less()
    {
        await _client.StartAsync();
        await _client.SubmitAsync(Make(0));
        await using TamperingServer server = await TamperingServer.StartAsync(
            [.. Make(1000).SelectMany(static bytes => bytes)],
            static message => message.KindCase == SyncMessage.KindOneofCase.Cells ? CellsForEver(message.Cells.First) : [message]);
        long memory = _client.Process.ReadPeakMemory();
        await server.JoinAsync(_client);

        await ExpectBackingOffAsync(server.Id);

        Assert.Equal(Held, await _client.CountAsync());
        await ExpectServingAsync(_client);
        Assert.InRange(_client.Process.ReadPeakMemory(), memory, memory + MemoryGrowth);
    }

    [Fact]
    public async Task Who_repeats_its_cells_is_called_less_and_less()
    {
        await _client.StartAsync();
        await _client.SubmitAsync(Make(0));

        // More differences than the first cells tell of: else the exchange has ended before they are repeated.
        await using TamperingServer server = await TamperingServer.StartAsync(
            [.. Make(1000, 10 * Held).SelectMany(static bytes => bytes)],
            static message => message.KindCase == SyncMessage.KindOneofCase.Cells ? [message, message] : [message]);
        await server.JoinAsync(_client);

        await ExpectBackingOffAsync(server.Id);

        await ExpectServingAsync(_client);
    }

    [Fact]
    public async Task Cells_that_were_changed_on_the_way_make_nothing_up()
    {
        await _client.StartAsync();
        await _client.SubmitAsync(Make(0));
        await using TamperingServer server = await TamperingServer.StartAsync([.. Make(1000).SelectMany(static bytes => bytes)], Mutate);
        await server.JoinAsync(_client);

        // What cells do not tell, lists of buckets do.
        await _client.WaitAsync(async () => await _client.CountAsync() == 2 * Held, "it has found out all the same");
        await ExpectServingAsync(_client);
    }

    private static IEnumerable<byte[]> Make(int firstSeed, int count = Held) =>
        Enumerable.Range(firstSeed, count).Select(static seed => new CertificateBuilder(seed).SignedUserId($"Number {seed}").Build());

    private static SyncMessage Begin(uint keyEpoch) => new()
    {
        Begin = new Begin { KeyEpoch = keyEpoch, Fingerprint = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(16)), Size = Held, Log2Cells = 17 },
    };

    private static SyncMessage RandomCells(uint first) => new()
    {
        Cells = new Cells { First = first, Data = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(CellsPerMessage * CellBytes)) },
    };

    private static IEnumerable<SyncMessage> CellsForEver(uint first)
    {
        while (true)
        {
            yield return RandomCells(first);
            first += CellsPerMessage;
        }
    }

    private static IEnumerable<SyncMessage> Mutate(SyncMessage message)
    {
        if (message.KindCase == SyncMessage.KindOneofCase.Cells)
        {
            byte[] cells = message.Cells.Data.ToByteArray();
            for (int cell = 0; cell < cells.Length; cell += 2 * CellBytes)
                cells[cell] ^= 1;
            message.Cells.Data = ByteString.CopyFrom(cells);
        }

        yield return message;
    }

    // The node does not know where the caller is: it does not call by itself.
    private async Task StartAsync()
    {
        await _node.StartAsync();
        await _node.SubmitAsync(Make(0));
        await _node.AdmitAsync(_caller.Id);
    }

    private Task ExpectToldAsync(string detail) =>
        _node.WaitForPeerAsync(_caller.Id, peer => peer is { Connected: false, ErrorCount: > 0 } && peer.LastError == detail, "it is told");

    // Calls and talks again and again, until the node does not want to be called for a while. It goes on serving.
    private async Task<int> CallUntilRefusedAsync(Func<HostileSession, SyncMessage> talk, bool needsNewKey = false)
    {
        Error error;
        int sessions = 0;
        do
        {
            using HostileSession session = await _caller.CallAsync(_node, needsNewKey);
            Task<Error> said = session.ReadErrorAsync();
            while (!said.IsCompleted && await session.TrySendAsync(talk(session)))
            {
            }

            error = await said;
            Assert.InRange(++sessions, 1, MostSessions);
        }
        while (error.Code == ErrorCode.Protocol);

        Assert.Equal(ErrorCode.Busy, error.Code);
        Assert.InRange(error.RetryAfterMs, 30_000u, 3_600_000u);
        using (HostileSession session = await _caller.CallAsync(_node))
        {
            error = await session.ReadErrorAsync();
            Assert.Equal((ErrorCode.Busy, "asked for too much: come back later"), (error.Code, error.Detail));
            Assert.InRange(error.RetryAfterMs, 1u, 3_600_000u);
        }

        await _node.WaitForPeerAsync(
            _caller.Id, static peer => peer is { Connected: false, ExcessCount: 1, LastError: "asked for too much: come back later" }, "it is told");
        await ExpectServingAsync(_node);
        return sessions;
    }

    private async Task ExpectBackingOffAsync(string id)
    {
        // From 0.1 seconds on the pauses double.
        await _client.WaitForPeerAsync(id, static peer => peer.ErrorCount >= 6, "several attempts");
        await _client.WaitForPeerAsync(
            id,
            static peer => peer is { Connected: false, NextAttemptTime: not null }
                && peer.NextAttemptTime.ToDateTimeOffset() - TimeProvider.System.GetUtcNow() > TimeSpan.FromSeconds(1.5),
            "a long pause");
        AdminPeer peer = (await _client.FindPeerAsync(id))!;
        Assert.StartsWith("exchange: ", peer.LastError, StringComparison.Ordinal);
    }

    private static async Task ExpectServingAsync(PeerNode node) =>
        Assert.True(await node.ServesAsync(new CertificateBuilder(0).SignedUserId("Number 0").PrimaryKey.Fingerprint));
}
