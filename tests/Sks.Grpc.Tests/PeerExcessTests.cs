using Google.Protobuf;
using Sks.Grpc.Peers;
using Sks.Node.Links;
using Sks.Node.Peers;
using Sks.Peer.V1;

namespace Sks.Grpc.Tests;

/// <summary>A peer that has this node do more than it may.</summary>
public class PeerExcessTests
{
    private const int Comparisons = 60;
    private const int Failures = 10;
    private const int Keys = 10;

    [Theory]
    [InlineData(true, Comparisons, "compares too often")]
    [InlineData(false, Failures + 1, "comparisons fail too often")]
    public async Task Who_begins_for_ever_is_sent_away_and_refused_until_it_may_come_back(bool isEqual, int allowed, string reason)
    {
        await using SessionPair pair = await CreateAsync();
        (Task<PeerSessionEnd> session, ScriptedPeer caller) = pair.ScriptCaller();
        await caller.SendAsync(new SyncMessage { Hello = pair.HelloOfSecond(static _ => { }) });
        Task<Error> error = caller.ReadErrorAsync();
        for (int i = 0; i <= allowed; i++)
            await caller.SendAsync(new SyncMessage { Begin = Begin(isEqual) });

        Error said = await error;
        Assert.Equal((ErrorCode.Busy, reason), (said.Code, said.Detail));
        Assert.InRange(said.RetryAfterMs, 30_000u, 3_600_000u);
        PeerSessionEnd end = await session;
        Assert.Equal((ErrorCode.Busy, true, true), (end.Code, end.IsExcess, end.IsFailure));
        Assert.Equal(isEqual ? Comparisons : 0, pair.StatusOfSecond().Sessions);
        Assert.Equal(1, pair.StatusOfSecond().Excesses);
        Assert.Single(pair.Log.Lines, line => line.Contains(reason + ": its calls are refused for", StringComparison.Ordinal));

        (session, caller) = pair.ScriptCaller();
        await caller.SendAsync(new SyncMessage { Hello = pair.HelloOfSecond(static _ => { }) });
        said = await caller.ReadErrorAsync();
        Assert.Equal(ErrorCode.Busy, said.Code);
        Assert.InRange(said.RetryAfterMs, 1u, 3_600_000u);
        Assert.False((await session).WasEstablished);
        Assert.Equal(1, pair.StatusOfSecond().Excesses);

        // What this node begins it may, and so may the peer answer.
        pair.Connect();
        await pair.WaitUntilEqualAsync(0);
        await pair.WaitAsync(() => pair.StatusOfSecond().Sessions > (isEqual ? Comparisons : 0), "a comparison that this node begins");
    }

    [Fact]
    public async Task Who_wants_a_new_key_each_time_is_sent_away()
    {
        await using SessionPair pair = await CreateAsync();
        Link link = pair.First.Links.Get(pair.Second.Links.Self);
        for (uint epoch = 1; epoch <= Keys; epoch++)
        {
            await CallForNewKeyAsync(pair);
            await pair.WaitAsync(() => link.Key?.Epoch == epoch, "a new key");
        }

        Error error = await (await CallForNewKeyAsync(pair)).ReadErrorAsync();

        Assert.Equal((ErrorCode.Busy, "needs too many link keys"), (error.Code, error.Detail));
        Assert.InRange(error.RetryAfterMs, 30_000u, 360_000u);
        Assert.Equal((uint)Keys, link.Key!.Epoch);
    }

    [Fact]
    public async Task A_comparison_that_breaks_the_protocol_is_a_failure()
    {
        await using SessionPair pair = await CreateAsync();
        Link link = pair.First.Links.Get(pair.Second.Links.Self);
        List<string> said = [];
        for (int i = 0; i <= Failures; i++)
        {
            (_, ScriptedPeer caller) = pair.ScriptCaller();
            await caller.SendAsync(new SyncMessage
            {
                Hello = pair.HelloOfSecond(hello =>
                {
                    hello.KeyEpoch = link.Key?.Epoch ?? 0;
                    hello.KeyCheck = link.Key is { } key ? ByteString.CopyFrom(LinkKeyAgreement.CheckOf(key)) : ByteString.Empty;
                }),
            });
            await caller.SendAsync(new SyncMessage { Begin = Begin(isEqual: false) });
            await caller.SendAsync(new SyncMessage { Cells = new Cells { Data = ByteString.CopyFrom(new byte[4096 * 16]) } });
            Error error = await caller.ReadErrorAsync();
            said.Add($"{error.Code}: {error.Detail}");
        }

        Assert.Equal([.. Enumerable.Repeat("Protocol: exchange: SketchCells out of turn", Failures), "Busy: comparisons fail too often"], said);
    }

    [Fact]
    public async Task What_the_peer_refuses_is_counted_by_reason()
    {
        await using SessionPair pair = await CreateAsync();
        (_, ScriptedPeer caller) = pair.ScriptCaller();
        await caller.SendAsync(new SyncMessage { Hello = pair.HelloOfSecond(static _ => { }) });
        _ = caller.ReadErrorAsync();
        foreach ((Sks.Peer.V1.RefusalReason reason, int count) in ((Sks.Peer.V1.RefusalReason, int)[])[(Sks.Peer.V1.RefusalReason.Restricted, 2), (Sks.Peer.V1.RefusalReason.TooLarge, 1), ((Sks.Peer.V1.RefusalReason)99, 1), (Sks.Peer.V1.RefusalReason.Restricted, 1)])
            await caller.SendAsync(new SyncMessage { Reject = new Reject { Prefixes = ByteString.CopyFrom(new byte[8 * count]), Reason = reason } });

        await pair.WaitAsync(() => pair.StatusOfSecond().Refused.Values.Sum() == 5, "the refusals");
        PeerStatus status = pair.StatusOfSecond();
        Assert.Equal(
            [(Node.Links.RefusalReason.Other, 1L), (Node.Links.RefusalReason.Restricted, 3L), (Node.Links.RefusalReason.TooLarge, 1L)],
            status.Refused.Select(static pair => (pair.Key, pair.Value)));
        V1Count[] sent = [.. status.ToMessage().Refused.Select(static count => new V1Count(count.Reason, count.Count))];
        Assert.Equal([new(Admin.V1.RefusalReason.Unspecified, 1), new(Admin.V1.RefusalReason.Restricted, 3), new(Admin.V1.RefusalReason.TooLarge, 1)], sent);
    }

    private static Task<SessionPair> CreateAsync() => SessionPair.CreateAsync(configure: static options =>
    {
        options.CompareInterval = TimeSpan.FromHours(1);
        options.PeerCompareInterval = TimeSpan.FromHours(1);
    });

    // Both sets are empty, or the peer's makes as if it were not.
    private static Begin Begin(bool isEqual) => new()
    {
        KeyEpoch = 1,
        Fingerprint = ByteString.CopyFrom([.. Enumerable.Repeat(isEqual ? (byte)0 : (byte)1, 16)]),
        Size = isEqual ? 0ul : 1ul,
        Log2Cells = 17,
    };

    private static async Task<ScriptedPeer> CallForNewKeyAsync(SessionPair pair)
    {
        (_, ScriptedPeer caller) = pair.ScriptCaller();
        await caller.SendAsync(new SyncMessage { Hello = pair.HelloOfSecond(static hello => hello.NeedsNewKey = true) });
        return caller;
    }

    private sealed record V1Count(Admin.V1.RefusalReason Reason, ulong Count);
}
