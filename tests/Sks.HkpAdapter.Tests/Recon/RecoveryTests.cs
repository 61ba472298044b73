using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Sks.HkpAdapter.Recon;
using Sks.Node;
using Sks.Node.Peers;
using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.TestSupport;

namespace Sks.HkpAdapter.Tests.Recon;

/// <summary>Fetching from peers that answer well, badly, or not at all. The order of requests is the order of the digests.</summary>
public sealed class RecoveryTests : IAsyncDisposable
{
    private const string Peer = "127.0.0.1 11370";

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly RecordingLoggers _loggers = new();
    private readonly AnsweringPeer _peer = new();
    private readonly Dictionary<SksDigest, byte[]> _certificates = [];
    private readonly KeyserverNode _node;
    private readonly ReconOptions _options = new() { Listen = ["off"] };
    private Membership? _membership;
    private ReconContext _recon = null!;
    private Recovery? _recovery;

    public RecoveryTests()
    {
        var options = new KeyserverOptions { DataDirectory = _folder.Combine("store"), MinFreeDiskBytes = 0 };
        _node = KeyserverNode.Open(options, _time);
        for (int seed = 1; seed <= 4; seed++)
        {
            byte[] certificate = Synthetic.Certificate(seed, $"Number {seed} <number.{seed}@example.org>");
            _certificates.Add(Keyrings.ReadOne(certificate).Digest, certificate);
        }

        Offered = [.. _certificates.Keys.OrderBy(static digest => digest.Value)];
        _node.Peers.SetPeers(PeerKind.Sks, [Peer]);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SksDigest[] Offered { get; }

    private PeerStatus Status => _node.Peers.Read().Single(static status => status.Name == Peer);

    private SksDigest[] Stored =>
        [.. _node.ReadAll(ServedView.Full).Select(static one => one.Stored.SksDigest!.Value).OrderBy(static digest => digest.Value)];

    public async ValueTask DisposeAsync()
    {
        _recovery?.Dispose();
        await _peer.DisposeAsync();
        if (_membership is not null)
            await _membership.DisposeAsync();
        await _node.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_is_offered_is_fetched_in_bundles_and_stored()
    {
        _options.FetchSize = 3;
        _peer.Answer = Everything;

        await RunAsync(Offered);

        Assert.Equal([Offered[..3], Offered[3..]], _peer.Requests);
        Assert.Equal(Offered, Stored);
        Assert.Equal((4, 0, 0), (Status.Recovered, Status.Aliases, Status.Ineffective));
        Assert.Equal((2 * 4) + (4 * 4) + _certificates.Values.Sum(static one => one.Length), Status.BytesReceived);
        Assert.StartsWith("POST /pks/hashquery HTTP/1.0\r\n", _peer.Head, StringComparison.Ordinal);

        await RunAsync(Offered);
        Assert.Equal(2, _peer.Requests.Count);
    }

    [Fact]
    public async Task Of_a_bundle_that_breaks_off_what_arrived_is_stored_and_the_rest_fetched_singly()
    {
        _peer.Answer = digests => [.. Everything(digests)[..^10]];

        await Assert.ThrowsAnyAsync<IOException>(() => RunAsync(Offered));

        Assert.Equal(Offered[..3], Stored);
        await AssertPlanAsync(fresh: [], suspects: Offered[3..]);
        _peer.Answer = Everything;
        await RunAsync(Offered);
        Assert.Equal([Offered, Offered[3..]], _peer.Requests);
        Assert.Equal(Offered, Stored);
    }

    [Theory]
    [InlineData("500 Internal Server Error")]
    [InlineData("302 Found")]
    [InlineData("403 Forbidden")]
    public async Task A_bundle_that_is_refused_is_taken_apart_in_the_next_round(string status)
    {
        _peer.Answer = _ => Encoding.ASCII.GetBytes($"HTTP/1.0 {status}\r\nLocation: http://{_peer.EndPoint}/\r\nContent-Length: 0\r\n\r\n");

        await Assert.ThrowsAsync<HttpRequestException>(() => RunAsync(Offered));
        _peer.Answer = Everything;
        await RunAsync(Offered);

        Assert.Equal([Offered, [Offered[0]], [Offered[1]], [Offered[2]], [Offered[3]]], _peer.Requests);
        Assert.Equal(Offered, Stored);
    }

    [Fact]
    public async Task One_certificate_that_breaks_answers_does_not_keep_others_away()
    {
        SksDigest bad = Offered[0];
        _peer.Answer = digests => digests.Contains(bad) ? [.. Everything(digests)[..60]] : Everything(digests);

        await Assert.ThrowsAnyAsync<IOException>(() => RunAsync(Offered));
        Assert.Empty(Stored);
        await Assert.ThrowsAnyAsync<IOException>(() => RunAsync(Offered));

        Assert.Equal(Offered[1..], Stored);
    }

    [Fact]
    public async Task A_peer_out_of_reach_is_tried_once_and_nothing_is_held_against_it()
    {
        using FreePort port = FreePort.Reserve();
        _options.FetchSize = 1;

        await Assert.ThrowsAsync<HttpRequestException>(() => RunAsync(Offered, port.EndPoint));

        Assert.Single(_loggers.Lines, static line => line.Contains("refused", StringComparison.OrdinalIgnoreCase));
        await AssertPlanAsync(fresh: Offered, suspects: []);
        Assert.Equal(0, Status.BytesReceived);
    }

    [Fact]
    public async Task After_three_failures_in_a_row_the_rest_waits_for_the_next_round()
    {
        _options.FetchSize = 1;
        _peer.Answer = static _ => "HTTP/1.0 500 No\r\n\r\n"u8.ToArray();

        await Assert.ThrowsAsync<HttpRequestException>(() => RunAsync(Offered));

        Assert.Equal([[Offered[0]], [Offered[1]], [Offered[2]]], _peer.Requests);
        await AssertPlanAsync(fresh: Offered[3..], suspects: Offered[..3]);
    }

    [Fact]
    public async Task A_peer_that_does_not_begin_its_answer_is_given_up_and_nothing_is_held_against_it()
    {
        _peer.Answer = static _ => [];
        _peer.BeforeEnd = new TaskCompletionSource().Task;
        Task run = RunAsync(Offered);
        await Eventually.IsTrueAsync(() => _peer.Requests.Count == 1, "the request", cancellationToken: Token);
        Assert.False(run.IsCompleted);

        _time.Advance(_options.FetchTimeout);

        IOException failure = await Assert.ThrowsAnyAsync<IOException>(() => run);
        Assert.Contains("did not answer in time", failure.Message, StringComparison.Ordinal);
        await AssertPlanAsync(fresh: Offered, suspects: []);
    }

    [Fact]
    public async Task Of_an_answer_that_stalls_what_arrived_is_stored()
    {
        _peer.Answer = digests => [.. Everything(digests)[..^10]];
        _peer.BeforeEnd = new TaskCompletionSource().Task;
        Task run = RunAsync(Offered);
        await Eventually.IsTrueAsync(() => Stored.Length == 3, "what arrived", cancellationToken: Token);
        Assert.False(run.IsCompleted);

        _time.Advance(_options.FetchTimeout);

        IOException failure = await Assert.ThrowsAnyAsync<IOException>(() => run);
        Assert.Contains("did not finish its answer in time", failure.Message, StringComparison.Ordinal);
        Assert.Equal(Offered[..3], Stored);
        await AssertPlanAsync(fresh: [], suspects: Offered[3..]);
    }

    [Fact]
    public async Task Stopping_is_not_held_against_the_peer()
    {
        _peer.Answer = digests => [.. Everything(digests)[..^10]];
        _peer.BeforeEnd = new TaskCompletionSource().Task;
        using var stop = new CancellationTokenSource();
        Task run = RunAsync(Offered, cancellationToken: stop.Token);
        await Eventually.IsTrueAsync(() => Stored.Length == 3, "what arrived", cancellationToken: Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await AssertPlanAsync(fresh: Offered[3..], suspects: []);
    }

    [Fact]
    public async Task Other_certificates_than_asked_for_are_stored_and_what_was_asked_for_ends_as_an_alias()
    {
        byte[] other = _certificates[Offered[3]];
        _peer.Answer = _ => AnsweringPeer.Ok(other);

        await RunAsync(Offered[..2]);
        Assert.Equal([Offered[3]], Stored);
        Assert.Equal(0, Status.Aliases);
        await AssertPlanAsync(fresh: [Offered[2]], suspects: Offered[..2]);

        await RunAsync(Offered[..2]);
        Assert.Equal([Offered[..2], [Offered[0]], [Offered[1]]], _peer.Requests);
        Assert.Equal((1, 2), (Status.Recovered, Status.Aliases));
    }

    [Fact]
    public async Task What_is_offered_and_never_sent_is_counted_after_three_rounds()
    {
        for (int round = 1; round <= 3; round++)
        {
            Assert.Equal(0, Status.Ineffective);
            await RunAsync(Offered[..1]);
        }

        Assert.Equal(1, Status.Ineffective);
        Assert.Equal(3, _peer.Requests.Count);
        Assert.Equal(0, Status.Aliases);
    }

    [Fact]
    public async Task Suspects_are_fetched_within_their_budget()
    {
        // What one empty answer costs.
        _options.SuspectBytesPerHour = 512;
        await RunAsync(Offered[..1]);
        await RunAsync(Offered);
        _peer.Answer = Everything;
        int before = _peer.Requests.Count;

        await RunAsync(Offered);
        Assert.Equal(before, _peer.Requests.Count);
        _time.Advance(TimeSpan.FromHours(1));
        await RunAsync(Offered);

        Assert.Equal(Offered, Stored);
    }

    [Fact]
    public async Task What_cannot_be_read_becomes_an_alias_at_once_when_it_was_asked_for_alone()
    {
        byte[] junk = [0x99, 0xFF, 0xFF, 0x04];
        _peer.Answer = digests => AnsweringPeer.Ok([.. digests.Select(_ => junk)]);

        await RunAsync(Offered[..2]);
        Assert.Equal(0, Status.Aliases);
        await RunAsync(Offered[..2]);

        Assert.Equal([Offered[..2], [Offered[0]], [Offered[1]]], _peer.Requests);
        Assert.Equal(2, Status.Aliases);
        Assert.Empty(Stored);
    }

    [Theory]
    [InlineData(5, "announced 5 certificates where 4 were asked for", 0)]
    [InlineData(-1, "announced 4294967295 certificates", 0)]
    public async Task A_count_larger_than_asked_fails_the_bundle(int count, string message, int stored)
    {
        _peer.Answer = digests => WithCount(count, digests);

        IOException failure = await Assert.ThrowsAnyAsync<IOException>(() => RunAsync(Offered));

        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.Equal(stored, Stored.Length);
        await AssertPlanAsync(fresh: [], suspects: Offered);
    }

    [Fact]
    public async Task A_count_smaller_than_what_follows_holds()
    {
        _peer.Answer = digests => WithCount(3, digests);

        await RunAsync(Offered);

        Assert.Equal(Offered[..3], Stored);
        await AssertPlanAsync(fresh: [], suspects: Offered[3..]);
    }

    [Fact]
    public async Task A_second_fetch_from_a_peer_under_way_is_left_out()
    {
        var goOn = new TaskCompletionSource();
        _peer.Answer = digests => [.. Everything(digests)[..^10]];
        _peer.BeforeEnd = goOn.Task;
        Task run = RunAsync(Offered);
        await Eventually.IsTrueAsync(() => _peer.Requests.Count == 1, "the request", cancellationToken: Token);

        await RunAsync(Offered);

        Assert.False(run.IsCompleted);
        Assert.Single(_peer.Requests);
        goOn.SetResult();
        await Assert.ThrowsAnyAsync<IOException>(() => run);
        await Assert.ThrowsAnyAsync<IOException>(() => RunAsync(Offered));
        Assert.Equal(2, _peer.Requests.Count);
    }

    [Fact]
    public async Task An_answer_in_chunks_is_read()
    {
        _peer.Answer = digests =>
        {
            byte[] body = Everything(digests, AnsweringPeer.Body);
            string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: pgp/keys\r\n\r\n";
            return [.. Encoding.ASCII.GetBytes(head), .. Chunk(body[..5]), .. Chunk(body[5..100]), .. Chunk(body[100..]), .. Chunk([])];
        };

        await RunAsync(Offered);

        Assert.Equal(Offered, Stored);
    }

    [Fact]
    public async Task An_answer_in_chunks_that_breaks_off_keeps_what_arrived()
    {
        _peer.Answer = digests =>
        {
            byte[] body = Everything(digests, AnsweringPeer.Body);
            return [.. "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8, .. Chunk(body[..^10]), .. "ZZ\r\n"u8];
        };

        await Assert.ThrowsAnyAsync<Exception>(() => RunAsync(Offered));

        Assert.Equal(Offered[..3], Stored);
        await AssertPlanAsync(fresh: [], suspects: Offered[3..]);
    }

    [Theory]
    [InlineData("HTTP/1.0 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nServer: x\r\n\r\n")]
    public async Task An_answer_may_end_with_its_connection(string head)
    {
        _peer.Answer = digests => [.. Encoding.ASCII.GetBytes(head), .. Everything(digests, AnsweringPeer.Body)];

        await RunAsync(Offered);

        Assert.Equal(Offered, Stored);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SSH-2.0-OpenSSH\r\n")]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: -4\r\n\r\n")]
    public async Task What_is_no_answer_fails_cleanly(string answer)
    {
        _peer.Answer = _ => Encoding.ASCII.GetBytes(answer);

        Exception? failure = await Record.ExceptionAsync(() => RunAsync(Offered));

        Assert.True(failure is HttpRequestException or IOException, $"{failure}");
        Assert.Empty(Stored);
    }

    [Fact]
    public async Task A_blocked_certificate_is_fetched_once_and_left_alone()
    {
        Certificate blocked = Keyrings.ReadOne(_certificates[Offered[0]]);
        await _node.Restrictions.IssueAsync(
            RestrictionKind.Block, new RestrictionSubject.Certificate(blocked.PrimaryKey.Fingerprint), "anna", "order 17", Token);
        _peer.Answer = Everything;

        await RunAsync(Offered[..2]);

        Assert.Equal([Offered[1]], Stored);
        Assert.Equal((1, 1), (Status.Recovered, Status.Aliases));
        using ReconciliationSnapshot snapshot = _recon.With(Peer).TakeSnapshot()!;
        Assert.Equal(2, snapshot.Tree.Read(Reconciliation.Prefix.Root).Count);
    }

    private static byte[] Chunk(byte[] data) =>
        [.. Encoding.ASCII.GetBytes(data.Length.ToString("x", CultureInfo.InvariantCulture)), .. "\r\n"u8, .. data, .. "\r\n"u8];

    private byte[] Everything(IReadOnlyList<SksDigest> digests) => [.. Everything(digests, AnsweringPeer.Ok)[..^2]];

    private byte[] Everything(IReadOnlyList<SksDigest> digests, Func<byte[][], byte[]> form) => form([.. digests.Select(digest => _certificates[digest])]);

    private byte[] WithCount(int count, IReadOnlyList<SksDigest> digests)
    {
        byte[] body = Everything(digests, AnsweringPeer.Body);
        return [.. "HTTP/1.0 200 OK\r\n\r\n"u8, .. AnsweringPeer.Number(count), .. body[4..]];
    }

    private async Task RunAsync(IReadOnlyCollection<SksDigest> offered, IPEndPoint? endPoint = null, CancellationToken? cancellationToken = null)
    {
        await StartAsync();
        await _recovery!.RunAsync(Peer, endPoint ?? _peer.EndPoint, offered, isComplete: true, cancellationToken ?? Token);
    }

    // Counts as a round as well.
    private async Task AssertPlanAsync(SksDigest[] fresh, SksDigest[] suspects)
    {
        await StartAsync();
        RecoveryPlan plan = _recon.With(Peer).Plan(Offered, isComplete: false);
        Assert.Equal(fresh, plan.Fresh);
        Assert.Equal(suspects, plan.Suspects);
    }

    private async Task StartAsync()
    {
        if (_recovery is not null)
            return;
        _membership = await Membership.StartAsync(_options, _node.Peers, new NamedHosts(), _loggers, _time, Token);
        _node.Peers.SetPeers(PeerKind.Sks, [Peer]);
        _recon = new ReconContext(
            _node, _options, _membership, ReconConfiguration.From(_options, 11371), new ReconDialer(_options, _time), _loggers, _time);
        _recovery = new Recovery(_recon);
    }
}
