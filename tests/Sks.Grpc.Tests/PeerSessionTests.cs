using Google.Protobuf;
using Sks.Grpc.Peers;
using Sks.Node;
using Sks.Node.Links;
using Sks.Node.Restrictions;
using Sks.Peer.V1;
using Sks.Storage;
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
        await pair.WaitAsync(() => pair.StatusOfSecond() is { Sessions: > 1, LastDifferences: 0 }, "quiet comparisons");
        Assert.Equal((29, 29), (pair.StatusOfSecond().Recovered, pair.StatusOfFirst().Recovered));
    }

    [Fact]
    public async Task What_is_new_on_either_side_is_told_at_once()
    {
        await using SessionPair pair = await SessionPair.CreateAsync(configure: static options => options.CompareInterval = TimeSpan.FromHours(1));
        pair.Connect();
        await pair.WaitAsync(() => pair.StatusOfSecond().Sessions == 1, "a first comparison");

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
        await pair.WaitAsync(() => pair.First.GetStatistics().Certificates > 20, "some certificates");
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
        await BlockAsync(pair.Second, 3);
        pair.Connect();

        await pair.WaitAsync(() => pair.Second.GetStatistics().Certificates == 9 && pair.StatusOfFirst().Phantoms == 1, "all but one");
        long sessions = pair.StatusOfSecond().Sessions;
        await pair.WaitAsync(() => pair.StatusOfSecond().Sessions > sessions + 3 && pair.StatusOfSecond().LastDifferences == 0, "quiet comparisons");
        Assert.Contains(pair.Log.Lines, static line => line.Contains("Equal", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Restrictions_of_listed_origins_come_along_and_those_of_others_do_not()
    {
        await using SessionPair pair = await SessionPair.CreateAsync();
        await SubmitAsync(pair.First, [1, 2]);
        pair.Connect();
        await pair.WaitUntilEqualAsync(2);
        await BlockAsync(pair.First, 1);
        await SubmitAsync(pair.First, [3]);
        await pair.WaitAsync(() => SessionPair.Digests(pair.Second).Count == 3, "the second lists nobody, and keeps what it has");
        await pair.CutAsync();

        await using SessionPair listing = await SessionPair.CreateAsync(second: options => options.Restrictions.Origins = [FirstOf(options)]);
        await SubmitAsync(listing.First, [1, 2]);
        listing.Connect();
        await listing.WaitUntilEqualAsync(2);
        await BlockAsync(listing.First, 1);
        await listing.WaitUntilEqualAsync(1);
    }

    [Fact]
    public async Task The_key_of_a_link_outlives_a_session()
    {
        await using SessionPair pair = await SessionPair.CreateAsync();
        pair.Connect();
        await ComparedAsync(pair, 1);
        await pair.CutAsync();
        LinkKey key = KeyOf(pair.First, pair.Second);
        Assert.Equal(key.Secret.ToArray(), KeyOf(pair.Second, pair.First).Secret.ToArray());

        pair.Connect(firstCalls: false);
        await ComparedAsync(pair, 2);
        await pair.CutAsync();
        Assert.Equal(key.Secret.ToArray(), KeyOf(pair.First, pair.Second).Secret.ToArray());
        Assert.Equal(1u, KeyOf(pair.First, pair.Second).Epoch);
    }

    [Fact]
    public async Task An_old_key_ends_the_session_and_the_next_one_has_a_new_one()
    {
        await using SessionPair pair = await SessionPair.CreateAsync(configure: static options => options.KeyLifetime = TimeSpan.FromTicks(1));
        (Task<PeerSessionEnd> first, Task<PeerSessionEnd> second) = pair.Connect();
        Assert.Equal(ErrorCode.NewKey, (await first).Code);
        Assert.Equal(ErrorCode.NewKey, (await second).Code);
        LinkKey old = KeyOf(pair.First, pair.Second);

        (first, _) = pair.Connect();
        await first;
        Assert.Equal(old.Epoch + 1, KeyOf(pair.First, pair.Second).Epoch);
        Assert.NotEqual(old.Secret.ToArray(), KeyOf(pair.First, pair.Second).Secret.ToArray());
    }

    [Fact]
    public async Task A_second_process_under_one_identity_is_refused_while_the_first_one_answers()
    {
        await using SessionPair pair = await SessionPair.CreateAsync();
        pair.Connect();
        await ComparedAsync(pair, 1);
        (Task<PeerSessionEnd> session, ScriptedPeer clone) = pair.Script();
        await clone.SendAsync(new SyncMessage { Hello = pair.HelloOfSecond(hello => hello.Instance = ByteString.CopyFrom(new byte[8])) });
        Assert.Equal(ErrorCode.Clone, (await session).Code);
        Assert.True(pair.FirstSessions.IsConnected(pair.Second.Links.Self));
        Assert.Equal(ErrorCode.Clone, (await clone.ReadErrorAsync()).Code);
    }

    [Theory]
    [InlineData("protocol")]
    [InlineData("set")]
    [InlineData("policy")]
    public async Task Who_has_nothing_in_common_is_told_so(string what)
    {
        await using SessionPair pair = await SessionPair.CreateAsync();
        (Task<PeerSessionEnd> session, ScriptedPeer peer) = pair.Script();
        await peer.SendAsync(new SyncMessage
        {
            Hello = pair.HelloOfSecond(hello =>
            {
                if (what == "protocol")
                    hello.ProtocolVersions[0] = 99;
                if (what == "set")
                    hello.Set = "poems";
                if (what == "policy")
                    hello.PolicyVersions[0] = 99;
            }),
        });
        Assert.Equal((false, ErrorCode.NothingInCommon), ((await session).WasEstablished, (await session).Code));
        Assert.Contains(what, (await peer.ReadErrorAsync()).Detail, StringComparison.Ordinal);
    }

    public static TheoryData<string, SyncMessage> Breaches => new()
    {
        { "second hello", new SyncMessage { Hello = new Hello() } },
        { "out of order", new SyncMessage { Announce = new Announce { Announcement = 2 } } },
        { "malformed list", new SyncMessage { Announce = new Announce { Announcement = 1, Added = ByteString.CopyFrom(new byte[7]) } } },
        { "malformed list", new SyncMessage { Want = new Want { Prefixes = ByteString.CopyFrom(new byte[8 * 4097]) } } },
        { "not made", new SyncMessage { Want = new Want { Announcement = 1, Wanted = ByteString.CopyFrom(1) } } },
        { "another link key", new SyncMessage { Begin = new Begin { KeyEpoch = 77, Fingerprint = ByteString.CopyFrom(new byte[16]) } } },
        { "malformed fingerprint", new SyncMessage { Begin = new Begin { KeyEpoch = 1, Fingerprint = ByteString.CopyFrom(new byte[15]) } } },
    };

    [Theory]
    [MemberData(nameof(Breaches))]
    public async Task Who_breaks_the_protocol_is_told_how(string what, SyncMessage breach)
    {
        await using SessionPair pair = await SessionPair.CreateAsync();
        (Task<PeerSessionEnd> session, ScriptedPeer peer) = pair.Script();
        await peer.SendAsync(new SyncMessage { Hello = pair.HelloOfSecond(static _ => { }) });
        await peer.SendAsync(new SyncMessage());
        await peer.SendAsync(breach);
        Assert.Equal(ErrorCode.Protocol, (await session).Code);
        Assert.Contains(what, (await peer.ReadErrorAsync()).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_does_not_say_hello_first_is_told_so()
    {
        await using SessionPair pair = await SessionPair.CreateAsync();
        (Task<PeerSessionEnd> session, ScriptedPeer peer) = pair.Script();
        await peer.SendAsync(new SyncMessage { Ping = new Ping() });
        Assert.Equal(ErrorCode.Protocol, (await session).Code);
    }

    [Fact]
    public async Task Why_a_peer_goes_is_heard_though_Fetch_ends_before()
    {
        await using SessionPair pair = await SessionPair.CreateAsync();
        (Task<PeerSessionEnd> session, ScriptedPeer peer) = pair.Script();
        await peer.SendAsync(new SyncMessage { Hello = pair.HelloOfSecond(static _ => { }) });
        await pair.WaitAsync(() => pair.FirstSessions.IsConnected(pair.Second.Links.Self), "a connection");

        peer.Fetch!.Close();
        await peer.SendAsync(new SyncMessage { Ping = new Ping() });
        await peer.SendAsync(new SyncMessage { Error = new Error { Code = ErrorCode.Stopping, Detail = "moves house", RetryAfterMs = 7000 } });

        PeerSessionEnd end = await session;
        Assert.Equal((ErrorCode.Stopping, TimeSpan.FromSeconds(7)), (end.Code, end.RetryAfter));
        Assert.Contains("moves house", end.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_connections_one_stays_whichever_came_first()
    {
        await using SessionPair pair = await SessionPair.CreateAsync();
        bool firstIsLower = string.CompareOrdinal(pair.First.Links.Self.ToString(), pair.Second.Links.Self.ToString()) < 0;
        (Task<PeerSessionEnd> loser, _) = pair.Connect(firstCalls: !firstIsLower);
        await pair.WaitAsync(() => pair.FirstSessions.IsConnected(pair.Second.Links.Self), "a connection");
        (Task<PeerSessionEnd> winner, _) = pair.Connect(firstCalls: firstIsLower);
        Assert.Equal(ErrorCode.Duplicate, (await loser).Code);

        (Task<PeerSessionEnd> late, _) = pair.Connect(firstCalls: !firstIsLower);
        Assert.Equal(ErrorCode.Duplicate, (await late).Code);
        Assert.False(winner.IsCompleted);
        await SubmitAsync(pair.First, [1]);
        await pair.WaitUntilEqualAsync(1);
    }

    private static string FirstOf(KeyserverOptions second)
    {
        string folder = Path.Combine(Path.GetDirectoryName(second.DataDirectory)!, "first");
        using NodeIdentity identity = NodeIdentity.LoadOrCreate(folder, TimeProvider.System);
        return identity.Id.ToString();
    }

    private static Task<RestrictionResult> BlockAsync(KeyserverNode node, int number) => node.Restrictions.IssueAsync(
        RestrictionKind.Block, new RestrictionSubject.Certificate(TestCertificate.Create(number).Certificate.PrimaryKey.Fingerprint), "test", "", Token);

    private static LinkKey KeyOf(KeyserverNode node, KeyserverNode peer) => node.Links.Get(peer.Links.Self).Key!;

    private static Task ComparedAsync(SessionPair pair, long sessions) => pair.WaitAsync(() => pair.StatusOfSecond().Sessions + pair.StatusOfFirst().Sessions >= sessions, "a comparison");

    private static Task SubmitAsync(KeyserverNode node, IEnumerable<int> numbers) =>
        SubmitAsync(node, [.. numbers.SelectMany(static number => TestCertificate.Create(number).Data)]);

    private static async Task SubmitAsync(KeyserverNode node, byte[] keyring)
    {
        await foreach (SubmissionOutcome outcome in node.Submissions.SubmitAsync(keyring, new SubmissionOrigin(ChangeSource.Hkp, null), Token))
            Assert.NotEqual(SubmissionResult.Rejected, outcome.Result);
    }
}
