using System.Buffers;
using System.IO.Pipelines;
using Microsoft.Extensions.Time.Testing;
using Sks.HkpAdapter.Recon;
using Sks.Reconciliation;
using Sks.Reconciliation.Sessions;
using Sks.TestSupport;

namespace Sks.HkpAdapter.Tests.Recon;

/// <summary>A connection whose peer is silent, slow, rude or gone.</summary>
public sealed class ReconConnectionTests
{
    private static readonly ReconConfiguration Own = new(["a", "b"], 11371);
    private static readonly byte[] Settings = MakeSettings(Own);
    private static readonly byte[] Passed = [0, 0, 0, 6, .. "passed"u8];

    // Length, code, bits and bytes of the prefix, count, number of samples and six of them; length and code.
    private const int PolynomialRequestLength = 4 + 1 + 8 + 4 + 4 + (6 * 17);
    private const int FlushLength = 4 + 1;

    private readonly FakeTimeProvider _time = new();
    private readonly PipeEnd _end = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_peer_that_says_nothing_is_given_up()
    {
        Task<ReconOutcome> running = RunAsync(new ResponderSession(new MemoryTree([]), SessionLimits.Default));
        await _end.ReadAsync(Settings.Length);

        _time.Advance(TimeSpan.FromSeconds(45));

        Assert.Equal("the handshake took longer than 00:00:45", (await running).Failure);
    }

    [Fact]
    public async Task A_peer_that_closes_without_a_word_may_be_busy()
    {
        await _end.CloseAsync();

        ReconOutcome outcome = await RunAsync(new ResponderSession(new MemoryTree([]), SessionLimits.Default));

        Assert.Equal("the peer closed the connection without a word: it is busy, or does not know this node", outcome.Failure);
        Assert.Equal((null, null, 0), (outcome.Peer, outcome.Session, outcome.BytesReceived));
    }

    [Fact]
    public async Task A_session_in_which_nothing_moves_ends_with_what_was_found()
    {
        Task<ReconOutcome> running = RunAsync(new ResponderSession(new MemoryTree([]), SessionLimits.Default));
        await _end.SendAsync([.. Settings, .. Passed, .. Convert.FromHexString("0000002702000000020018b294c978cb9452629b6d4eaecc3000")]);
        await _end.ReadAsync(Settings.Length + Passed.Length + 17);

        ReconOutcome outcome = await AdvanceAsync(running, TimeSpan.FromMinutes(1));

        Assert.Equal("nothing moved for longer than 00:02:00", outcome.Failure);
        Assert.Equal(SessionEnd.Closed, outcome.Session!.End);
        Assert.Equal("0018B294C978CB9452629B6D4EAECC30", Assert.Single(outcome.Session.RemoteOnly).ToString());
    }

    [Fact]
    public async Task A_caller_that_gives_up_is_obeyed()
    {
        using var stop = new CancellationTokenSource();
        Task<ReconOutcome> running = new ReconConnection(_end, new ReconOptions(), _time).RunAsync(
            Own, _ => new ResponderSession(new MemoryTree([]), SessionLimits.Default), stop.Token);
        await _end.SendAsync([.. Settings, .. Passed]);
        await _end.ReadAsync(Settings.Length + Passed.Length + 17);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_refused_peer_that_says_nothing_more_is_left_after_a_second()
    {
        Task<ReconOutcome> running = RunAsync(new ResponderSession(new MemoryTree([]), SessionLimits.Default));
        await _end.SendAsync(MakeSettings(Own with { Mbar = 6 }));
        await _end.ReadAsync(Settings.Length + 14 + "mbar values do not match".Length);

        ReconOutcome outcome = await AdvanceAsync(running, TimeSpan.FromMilliseconds(100));

        Assert.Equal("the peer was refused: mbar values do not match", outcome.Failure);
        Assert.Null(outcome.Peer);
    }

    [Fact]
    public async Task A_refusal_of_the_peer_is_told_in_one_line()
    {
        await _end.SendAsync([.. Settings, 0, 0, 0, 6, .. "failed"u8, 0, 0, 0, 8, .. "no\n\tway\u0007"u8]);

        ReconOutcome outcome = await RunAsync(new ResponderSession(new MemoryTree([]), SessionLimits.Default));

        Assert.Equal("the peer refuses this node: no  way ", outcome.Failure);
        Assert.Equal(Own.HttpPort, outcome.Peer!.HttpPort);
    }

    [Theory]
    [InlineData("7fffffff0a")]
    [InlineData("000000")]
    [InlineData("000000050affffffff")]
    [InlineData("0000000d0a00000001ffffffff00000000")]
    [InlineData("474554202f20485454502f312e31")] // GET / HTTP/1.1
    public async Task What_is_no_handshake_is_closed_without_a_verdict(string hex)
    {
        await _end.SendAsync(Convert.FromHexString(hex));
        await _end.CloseAsync();

        ReconOutcome outcome = await RunAsync(new ResponderSession(new MemoryTree([]), SessionLimits.Default));

        Assert.NotNull(outcome.Failure);
        Assert.Equal(Settings.Length, outcome.BytesSent);
    }

    [Fact]
    public async Task Elements_without_end_are_taken_up_to_the_limit()
    {
        // 100 MB are announced; the peer sends as long as it is read.
        Task<ReconOutcome> running = RunAsync(new ResponderSession(
            new MemoryTree([]), new SessionLimits { MaxDifferences = 50_000, BootstrapThreshold = int.MaxValue }));
        await _end.SendAsync([.. Settings, .. Passed, .. Convert.FromHexString("06553f15" + "02" + "005f5e10")]);
        byte[] numbers = new byte[17 * 1000];
        for (int next = 1; !running.IsCompleted && next < 200_000; next += 1000)
        {
            for (int i = 0; i < 1000; i++)
                new Element((UInt128)(next + i)).Write(numbers.AsSpan(17 * i));
            await Task.WhenAny(_end.SendAsync([.. numbers]), running);
        }

        ReconOutcome outcome = await running;
        Assert.Null(outcome.Failure);
        Assert.Equal((SessionEnd.LimitReached, 50_000), (outcome.Session!.End, outcome.Session.RemoteOnly.Count));
        Assert.InRange(outcome.BytesReceived, 17 * 50_000, 17 * 60_000);
    }

    [Fact]
    public async Task A_peer_that_is_gone_is_not_written_to()
    {
        var random = new Random(4);
        List<Element> own = [.. Enumerable.Range(0, 100_000).Select(_ => new Element(new UInt128((ulong)random.NextInt64(), 1)))];
        Task<ReconOutcome> running = RunAsync(new ResponderSession(new MemoryTree(own), SessionLimits.Default));
        await _end.SendAsync([.. Settings, .. Passed]);
        long begun = Settings.Length + Passed.Length + PolynomialRequestLength;
        await _end.ReadAsync(begun + FlushLength);

        await _end.StopReadingAsync();
        await _end.SendAsync(Convert.FromHexString("000000050300000000")); // it has nothing below the root

        ReconOutcome outcome = await running;
        Assert.Equal("the connection broke", outcome.Failure);
        Assert.Equal(SessionEnd.Completed, outcome.Session!.End);
        Assert.Equal(begun + FlushLength, outcome.BytesSent);
    }

    [Fact]
    public async Task Answers_are_written_while_requests_are_read()
    {
        // More of both than fits into any buffer, and more elements than may wait, for a peer that reads nothing before it has sent all.
        var random = new Random(3);
        List<Element> own = [.. Enumerable.Range(0, 6000).Select(_ => new Element(new UInt128((ulong)random.NextInt64(), 1)))];
        var session = new InitiatorSession(new MemoryTree(own), SessionLimits.Default);
        Task<ReconOutcome> running = RunAsync(session);
        await _end.SendAsync([.. Settings, .. Passed]);

        // All below the root, with bytes behind the payload, which are ignored.
        byte[] request = [.. Convert.FromHexString("0000200001000000000000000000000000"), .. new byte[8192 - 13]];
        for (int i = 0; i < 14; i++)
            await _end.SendAsync(request);
        await _end.SendAsync(Convert.FromHexString("0000000105"));
        await Eventually.IsTrueAsync(() => !session.CanReceive, "a pause in reading", cancellationToken: Token);
        Assert.False(session.IsEnded);
        Assert.True(await _end.ReadAsync(Settings.Length + Passed.Length + (14 * (9 + (17 * 6000)))));

        Assert.Equal(SessionEnd.Completed, (await running).Session!.End);
    }

    [Theory]
    [InlineData(5000, 100)]
    [InlineData(150, 10_000)]
    public async Task Two_nodes_that_both_have_much_to_say_do_not_wait_for_each_other(int fullThreshold, int maxOutstandingRequests)
    {
        var limits = new SessionLimits
        {
            FullThreshold = fullThreshold,
            MaxOutstandingRequests = maxOutstandingRequests,
            MaxDifferences = int.MaxValue,
        };
        var random = new Random(6);
        List<Element> elements = [.. Enumerable.Range(0, 600_000).Select(_ => new Element(new UInt128((ulong)random.NextInt64() << 1, 1)))];
        var there = new Pipe();
        var back = new Pipe();
        static IPartitionTree TreeOf(List<Element> elements) =>
            new PartitionTree(MemoryNodeStore.Build(elements, TreeShape.Default), TreeShape.Default);

        Task<ReconOutcome> responding = Task.Run(() => new ReconConnection(new DuplexPipe(there.Reader, back.Writer), new ReconOptions(), _time)
            .RunAsync(Own, _ => new ResponderSession(TreeOf(elements[..300_000]), limits), Token));
        Task<ReconOutcome> initiating = Task.Run(() => new ReconConnection(new DuplexPipe(back.Reader, there.Writer), new ReconOptions(), _time)
            .RunAsync(Own, _ => new InitiatorSession(TreeOf(elements[300_000..]), limits), Token));
        ReconOutcome[] outcomes = await Task.WhenAll(responding, initiating).WaitAsync(TimeSpan.FromMinutes(1), Token);

        Assert.All(outcomes, static outcome => Assert.Null(outcome.Failure));
        Assert.All(outcomes, static outcome => Assert.Equal(300_000, outcome.Session!.RemoteOnly.Count));
    }

    [Fact]
    public async Task A_session_that_moves_too_slowly_ends_though_it_is_never_idle()
    {
        await _end.SendAsync([.. Settings, .. Passed]);
        var pipe = new DuplexPipe(new FlushesWithoutEnd(_end.Input, () => _time.Advance(TimeSpan.FromMinutes(1))), _end.Output);

        ReconOutcome outcome = await new ReconConnection(pipe, new ReconOptions(), _time).RunAsync(
            Own, _ => new InitiatorSession(new MemoryTree([]), SessionLimits.Default), Token);

        Assert.Equal("the session took longer than 01:00:00", outcome.Failure);
    }

    [Fact]
    public async Task A_caller_is_obeyed_between_requests_that_came_together()
    {
        using var stop = new CancellationTokenSource();
        var tree = new CancellingTree(new MemoryTree([]), stop);
        Task<ReconOutcome> running = new ReconConnection(_end, new ReconOptions(), _time).RunAsync(
            Own, _ => new InitiatorSession(tree, SessionLimits.Default), stop.Token);
        byte[] request = Convert.FromHexString("0000000d01000000000000000000000000");
        byte[] flush = Convert.FromHexString("0000000106");

        // Asked in between for what has no answer, so that only few requests need to be answered.
        await _end.SendAsync([.. Settings, .. Passed, .. request, .. Enumerable.Repeat(flush, 1000).SelectMany(static bytes => bytes), .. request]);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(1, tree.Answers);
    }

    private static byte[] MakeSettings(ReconConfiguration configuration)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        ReconHandshake.WriteConfiguration(output, configuration);
        return output.WrittenSpan.ToArray();
    }

    private Task<ReconOutcome> RunAsync(ReconciliationSession session) =>
        new ReconConnection(_end, new ReconOptions(), _time).RunAsync(Own, _ => session, Token);

    // The other side's clock starts at a moment of its own choosing, so time goes on until it has run out.
    private async Task<ReconOutcome> AdvanceAsync(Task<ReconOutcome> running, TimeSpan step)
    {
        await Eventually.IsTrueAsync(
            () =>
            {
                _time.Advance(step);
                return running.IsCompleted;
            },
            "the end of the connection",
            cancellationToken: Token);
        return await running;
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Once its bytes are read, each read brings a flush at once and takes a while; a cancellation is not noticed.</summary>
    private sealed class FlushesWithoutEnd(PipeReader inner, Action takeWhile) : PipeReader
    {
        private static readonly byte[] Flush = [0, 0, 0, 1, 6];

        private int _reads;
        private bool _isInner;

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            if (_isInner)
                inner.AdvanceTo(consumed, examined);
        }

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            _isInner = TryRead(out ReadResult result);
            if (_isInner)
                return new(result);
            takeWhile();
            return new(new ReadResult(new ReadOnlySequence<byte>(Flush), isCanceled: false, isCompleted: ++_reads > 1000));
        }

        public override bool TryRead(out ReadResult result) => inner.TryRead(out result);
    }

    private sealed class CancellingTree(IPartitionTree tree, CancellationTokenSource stop) : IPartitionTree
    {
        public int Answers { get; private set; }

        public TreeShape Shape => tree.Shape;

        public TreeNode Read(Prefix prefix) => tree.Read(prefix);

        public IEnumerable<Element> ReadElements(Prefix prefix)
        {
            Answers++;
            stop.Cancel();
            return tree.ReadElements(prefix);
        }
    }
}
