using Sks.Grpc.Peers;
using Sks.Node.Links;
using Sks.Peer.V1;
using RefusalReason = Sks.Node.Links.RefusalReason;

namespace Sks.Grpc.Tests;

public class FetchPumpTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public async Task Both_sides_get_what_they_want_at_once_however_little_is_on_its_way(int capacity)
    {
        await using var first = new PeerNode();
        await using var second = new PeerNode();
        await first.StoreAsync(Enumerable.Range(1, 60).Select(static seed => (seed % 3 == 0 ? PeerNode.Large(seed, 60) : PeerNode.Small(seed)).Build()));
        await second.StoreAsync(Enumerable.Range(101, 60).Select(static seed => (seed % 3 == 0 ? PeerNode.Large(seed, 60) : PeerNode.Small(seed)).Build()));
        List<ulong> firsts = first.ReadPrefixes();
        List<ulong> seconds = second.ReadPrefixes();
        await using var pair = new Pair(first, second, capacity);

        pair.Second.Expect(firsts);
        pair.First.Expect(seconds);
        pair.First.Give(firsts);
        pair.Second.Give(seconds);
        await first.WaitForOutcomesAsync(60);
        await second.WaitForOutcomesAsync(60);

        Assert.All(first.Outcomes.Concat(second.Outcomes), static outcome => Assert.Equal(IntakeResult.Held, outcome.Result));
        Assert.Equal(60, first.Outcomes.Select(static outcome => outcome.Prefix).Distinct().Count());
        Assert.Equal(first.ReadPrefixes().Order(), second.ReadPrefixes().Order());
        Assert.Equal((60, 60), (pair.First.Given, pair.Second.Given));
    }

    [Fact]
    public async Task Of_a_certificate_with_one_new_signature_only_that_travels()
    {
        await using var first = new PeerNode();
        await using var second = new PeerNode();
        await second.StoreAsync(PeerNode.Large(1, 20).Build());
        await first.StoreAsync(PeerNode.Large(1, 20).RevokeKey().Build());
        await using var pair = new Pair(first, second, 4);
        pair.Second.Expect(first.ReadPrefixes());
        pair.First.Give(first.ReadPrefixes());
        await second.WaitForOutcomesAsync(1);

        Assert.Equal(IntakeResult.Held, Assert.Single(second.Outcomes).Result);
        Assert.Equal(first.ReadPrefixes(), second.ReadPrefixes());
        Assert.InRange(pair.Second.Bytes.Received, 200, 700);
        Assert.InRange(pair.Second.Bytes.Sent, 10, 40);
    }

    [Fact]
    public async Task What_is_not_held_is_declined_and_what_is_held_is_not_taken()
    {
        await using var first = new PeerNode();
        await using var second = new PeerNode();
        await first.StoreAsync(PeerNode.Large(1).Build());
        await second.StoreAsync(PeerNode.Large(1).Build());
        await using var pair = new Pair(first, second, 4);
        ulong held = Assert.Single(first.ReadPrefixes());
        pair.Second.Expect([held, 5]);
        pair.First.Give([held, 5]);
        await second.WaitForOutcomesAsync(2);

        FetchOutcome declined = second.Outcomes.Single(static outcome => outcome.Prefix == 5);
        Assert.Equal((null, RefusalReason.NotHeld), (declined.Result, declined.Reason));
        Assert.Equal(IntakeResult.Held, second.Outcomes.Single(outcome => outcome.Prefix == held).Result);
        Assert.Equal(0, pair.First.Given);

        // Settled is settled: it may be wanted again.
        pair.Second.Expect([held]);
        pair.First.Give([held]);
        await second.WaitForOutcomesAsync(3);
    }

    [Fact]
    public async Task What_was_received_is_stored_when_the_stream_ends()
    {
        await using var first = new PeerNode();
        await using var second = new PeerNode();
        await first.StoreAsync(Enumerable.Range(1, 100).Select(static seed => PeerNode.Small(seed).Build()));
        (MemoryDuplex<FetchMessage> near, MemoryDuplex<FetchMessage> far) = MemoryDuplex<FetchMessage>.Create(1);
        FetchPump pump = second.Connect(far);
        pump.Expect(first.ReadPrefixes());
        Task running = pump.RunAsync(Token);
        var offers = new Offers();
        foreach (ulong prefix in first.ReadPrefixes())
        {
            OfferedCertificate offered = first.Node.Links.Offers.Find(prefix, PeerNode.Policy).Certificate!;
            offers.Offers_.Add(new Offer { Prefix = prefix, Packets = Google.Protobuf.ByteString.CopyFrom(offered.Packets.Span) });
        }

        await near.WriteAsync(new FetchMessage { Offers = offers }, Token);
        near.Close();
        await running;
        Assert.Equal(100, second.Outcomes.Count);
        Assert.Equal(first.ReadPrefixes().Order(), second.ReadPrefixes().Order());
    }

    private sealed class Pair : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        private readonly Task _running;

        public Pair(PeerNode first, PeerNode second, int capacity)
        {
            (MemoryDuplex<FetchMessage> near, MemoryDuplex<FetchMessage> far) = MemoryDuplex<FetchMessage>.Create(capacity);
            (First, Second) = (first.Connect(near), second.Connect(far));
            _running = Task.WhenAll(First.RunAsync(_stop.Token), Second.RunAsync(_stop.Token));
        }

        public FetchPump First { get; }

        public FetchPump Second { get; }

        public async ValueTask DisposeAsync()
        {
            bool isRunning = !_running.IsCompleted;
            await _stop.CancelAsync();
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
            Assert.True(isRunning, _running.Exception?.ToString());
        }
    }
}
