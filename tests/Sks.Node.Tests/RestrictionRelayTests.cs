using Sks.Node.Links;
using Sks.Node.Restrictions;

namespace Sks.Node.Tests;

public class RestrictionRelayTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_peer_gets_what_it_lacks_of_the_origins_it_names()
    {
        await using TestNode issuer = TestNode.Open();
        NodeId origin = issuer.Node.Restrictions.Origin;
        await using TestNode peer = TestNode.Open(options => options.Restrictions.Origins = [origin.ToString()]);
        await issuer.Node.Restrictions.IssueAsync(RestrictionKind.Block, Subject(1), "a", "", Token);
        long version = await issuer.Node.Links.Restrictions.WaitForChangeAsync(0, Token);
        Task<long> changed = issuer.Node.Links.Restrictions.WaitForChangeAsync(version, Token);
        Assert.False(changed.IsCompleted);

        Assert.Equal((1, 0), await RelayAsync(issuer, peer, 1));
        Assert.Equal((0, 0), await RelayAsync(issuer, peer, 0));
        await issuer.Node.Restrictions.IssueAsync(RestrictionKind.Block, Subject(2), "a", "", Token);
        Assert.NotEqual(version, await changed);
        Assert.Equal((1, 0), await RelayAsync(issuer, peer, 1));
        Assert.Equal([SubmissionResult.Rejected, SubmissionResult.Rejected], await peer.SubmitSignedAsync(SignedCertificates.Ordinary(1), SignedCertificates.Ordinary(2)));

        // Says it has as much, but not the same: gets everything.
        RestrictionDigest other = peer.Node.Links.Restrictions.ReadDigests().Single(digest => digest.Origin == origin) with { Digest = new byte[32] };
        Assert.Equal(2, issuer.Node.Links.Restrictions.FindMissing([other, other]).Count);
        Assert.Empty(issuer.Node.Links.Restrictions.FindMissing([]));
    }

    [Fact]
    public async Task Records_of_an_origin_that_is_not_honoured_are_refused()
    {
        await using TestNode issuer = TestNode.Open();
        await using TestNode peer = TestNode.Open();
        await issuer.Node.Restrictions.IssueAsync(RestrictionKind.Block, Subject(1), "a", "", Token);
        var named = new RestrictionDigest(issuer.Node.Restrictions.Origin, ReadOnlyMemory<byte>.Empty, 0);
        RestrictionImport import = await peer.Node.Links.Restrictions.TakeAsync(
            issuer.Node.Restrictions.Origin, issuer.Node.Links.Restrictions.FindMissing([named]), Token);
        Assert.Equal(RestrictionRefusal.UnknownOrigin, Assert.Single(import.Refused).Reason);
        Assert.Empty(peer.Node.Restrictions.ReadAll());
        Assert.Equal([peer.Node.Restrictions.Origin], peer.Node.Links.Restrictions.ReadDigests().Select(static digest => digest.Origin));
    }

    [Fact]
    public async Task Erasures_that_are_relayed_wait_for_a_week_and_beyond_a_hundred_a_day_for_confirmation()
    {
        await using TestNode issuer = TestNode.Open();
        NodeId origin = issuer.Node.Restrictions.Origin;
        await using TestNode peer = TestNode.Open(options => options.Restrictions.Origins = [origin.ToString()]);
        for (int seed = 1; seed <= 102; seed++)
            await issuer.Node.Restrictions.IssueAsync(RestrictionKind.Erase, Subject(seed), "a", "", Token);
        await peer.SubmitSignedAsync(Enumerable.Range(1, 102).Select(static seed => SignedCertificates.Ordinary(seed)));
        await RelayAsync(issuer, peer, 102);
        IReadOnlyList<RestrictionEntry> entries = peer.Node.Restrictions.ReadAll();
        Assert.All(entries, entry => Assert.True(entry.IsPending(peer.Time.GetUtcNow())));
        Assert.Equal(2, entries.Count(static entry => entry.Note.MustBeConfirmed));
        Assert.Equal(origin.ToString(), entries[0].Note.Author);
        Assert.Equal(102, peer.Node.GetStatistics().Certificates);

        peer.Time.Advance(RestrictionEntry.Grace);
        await peer.Node.Restrictions.RunDueAsync(Token);
        Assert.Equal(2, peer.Node.GetStatistics().Certificates);
    }

    private static async Task<(int Added, int Unchanged)> RelayAsync(TestNode from, TestNode to, int expected)
    {
        IReadOnlyList<ReadOnlyMemory<byte>> records = from.Node.Links.Restrictions.FindMissing(to.Node.Links.Restrictions.ReadDigests());
        Assert.Equal(expected, records.Count);
        RestrictionImport import = await to.Node.Links.Restrictions.TakeAsync(from.Node.Restrictions.Origin, records, Token);
        return (import.Added, import.Unchanged);
    }

    private static RestrictionSubject.Certificate Subject(int seed) => new(SignedCertificates.Ordinary(seed).Primary.Fingerprint);
}
