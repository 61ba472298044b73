using Google.Protobuf;
using Sks.Grpc.Peers;
using Sks.Node;
using Sks.Node.Peers;
using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.Peer.V1;
using Sks.Storage;
using Sks.TestSupport;
using RestrictionKind = Sks.Node.Restrictions.RestrictionKind;

namespace Sks.Grpc.Tests;

public class PeerSessionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public async Task Two_nodes_with_different_certificates_become_equal(int capacity)
    {
        await using SessionPair pair = await SessionPair.CreateAsync();
        await SubmitAsync(pair.First, Enumerable.Range(1, 40));
        await SubmitAsync(pair.Second, Enumerable.Range(30, 40));
        pair.Connect(capacity);

        await pair.WaitUntilEqualAsync(69);
        await Eventually.IsTrueAsync(_ => Task.FromResult(pair.StatusOfSecond() is { Sessions: > 1, LastDifferences: 0 }), "quiet comparisons", cancellationToken: Token);
        Assert.Equal((29, 29), (pair.StatusOfSecond().Recovered, pair.StatusOfFirst().Recovered));
    }

    [Fact]
    public async Task What_is_new_on_either_side_is_told_at_once()
    {
        await using SessionPair pair = await SessionPair.CreateAsync(configure: static options => options.CompareInterval = TimeSpan.FromHours(1));
        pair.Connect();
        await Eventually.IsTrueAsync(_ => Task.FromResult(pair.StatusOfSecond().Sessions == 1), "a first comparison", cancellationToken: Token);

        await SubmitAsync(pair.First, [1]);
        await pair.WaitUntilEqualAsync(1);
        await SubmitAsync(pair.Second, [2]);
        await pair.WaitUntilEqualAsync(2);
        Assert.Equal(1, pair.StatusOfSecond().Sessions);
    }

    [Fact]
    public async Task An_empty_node_gets_everything_and_goes_on_where_it_was_cut_off()
    {
        await using SessionPair pair = await SessionPair.CreateAsync();
        await SubmitAsync(pair.Second, Enumerable.Range(1, 300));
        pair.Connect();
        await Eventually.IsTrueAsync(_ => Task.FromResult(pair.First.GetStatistics().Certificates > 20), "some certificates", cancellationToken: Token);
        await pair.CutAsync();
        pair.Connect(firstCalls: false);
        await pair.WaitUntilEqualAsync(300);
    }

    [Fact]
    public async Task Versions_of_one_certificate_become_one()
    {
        await using SessionPair pair = await SessionPair.CreateAsync();
        await SubmitAsync(pair.First, TestCertificate.Create(1, "One <one@example.org>").Data);
        await SubmitAsync(pair.Second, TestCertificate.Create(1, "Two <two@example.org>").Data);
        pair.Connect();
        await pair.WaitUntilEqualAsync(1);
        ServedCertificate certificate = Assert.Single(pair.First.ReadAll(ServedView.Clean));
        Assert.Equal(2, certificate.Read().Certificate.UserIds.Count);
    }

    [Fact]
    public async Task What_one_refuses_costs_nothing_in_later_rounds()
    {
        await using SessionPair pair = await SessionPair.CreateAsync();
        await SubmitAsync(pair.First, Enumerable.Range(1, 10));
        Fingerprint blocked = TestCertificate.Create(3).Certificate.PrimaryKey.Fingerprint;
        await pair.Second.Restrictions.IssueAsync(RestrictionKind.Block, new RestrictionSubject.Certificate(blocked), "test", "", Token);
        pair.Connect();

        await Eventually.IsTrueAsync(
            _ => Task.FromResult(pair.Second.GetStatistics().Certificates == 9 && pair.StatusOfFirst().Phantoms == 1), "all but one", cancellationToken: Token);
        long sessions = pair.StatusOfSecond().Sessions;
        await Eventually.IsTrueAsync(
            _ => Task.FromResult(pair.StatusOfSecond().Sessions > sessions + 3 && pair.StatusOfSecond().LastDifferences == 0), "quiet comparisons", cancellationToken: Token);
        Assert.Contains(pair.Log.Lines, static line => line.Contains("Equal", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Restrictions_of_listed_origins_come_along()
    {
        await using SessionPair pair = await SessionPair.CreateAsync();
        SessionPair relay = pair;
        await SubmitAsync(pair.First, [1]);
        pair.Connect();
        await pair.WaitUntilEqualAsync(1);
        await pair.First.Restrictions.IssueAsync(
            RestrictionKind.Block, new RestrictionSubject.Certificate(TestCertificate.Create(1).Certificate.PrimaryKey.Fingerprint), "test", "", Token);
        Assert.Equal(0, pair.First.GetStatistics().Certificates);

        // The second lists nobody.
        Assert.Equal(1, relay.Second.GetStatistics().Certificates);
    }

    [Fact]
    public async Task The_key_of_a_link_outlives_a_session_and_is_renewed_when_it_is_old()
    {
        await using SessionPair pair = await SessionPair.CreateAsync();
        pair.Connect();
        await ComparedAsync(pair, 1);
        await pair.CutAsync();
        byte[] first = pair.First.Links.Get(pair.Second.Links.Self).Key!.Secret.ToArray();
        Assert.Equal(first, pair.Second.Links.Get(pair.First.Links.Self).Key!.Secret.ToArray());

        pair.Connect(firstCalls: false);
        await ComparedAsync(pair, 2);
        await pair.CutAsync();
        Assert.Equal((first, 1u), (pair.First.Links.Get(pair.Second.Links.Self).Key!.Secret.ToArray(), pair.First.Links.Get(pair.Second.Links.Self).Key!.Epoch));
    }

    [Fact]
    public async Task Of_two_connections_one_stays_whichever_came_first()
    {
        await using SessionPair pair = await SessionPair.CreateAsync();
        bool firstIsLower = string.CompareOrdinal(pair.First.Links.Self.ToString(), pair.Second.Links.Self.ToString()) < 0;
        (Task<PeerSessionEnd> loser, _) = pair.Connect(firstCalls: !firstIsLower);
        await Eventually.IsTrueAsync(_ => Task.FromResult(pair.FirstSessions.IsConnected(pair.Second.Links.Self)), "a connection", cancellationToken: Token);
        (Task<PeerSessionEnd> winner, _) = pair.Connect(firstCalls: firstIsLower);
        Assert.Equal(ErrorCode.Duplicate, (await loser).Code);

        (Task<PeerSessionEnd> late, _) = pair.Connect(firstCalls: !firstIsLower);
        Assert.Equal(ErrorCode.Duplicate, (await late).Code);
        Assert.False(winner.IsCompleted);
        await SubmitAsync(pair.First, [1]);
        await pair.WaitUntilEqualAsync(1);
    }

    private static Task ComparedAsync(SessionPair pair, long sessions) => Eventually.IsTrueAsync(
        _ => Task.FromResult(pair.StatusOfSecond().Sessions + pair.StatusOfFirst().Sessions >= sessions), "a comparison", cancellationToken: Token);

    private static Task SubmitAsync(KeyserverNode node, IEnumerable<int> numbers) =>
        SubmitAsync(node, [.. numbers.SelectMany(static number => TestCertificate.Create(number).Data)]);

    private static async Task SubmitAsync(KeyserverNode node, byte[] keyring)
    {
        await foreach (SubmissionOutcome outcome in node.Submissions.SubmitAsync(keyring, new SubmissionOrigin(ChangeSource.Hkp, null), Token))
            Assert.NotEqual(SubmissionResult.Rejected, outcome.Result);
    }
}
