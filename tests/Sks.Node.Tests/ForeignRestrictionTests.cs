using Sks.Node.Restrictions;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.Node.Tests;

public class ForeignRestrictionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_listed_origins_are_honoured()
    {
        using var origin = new Origin();
        await using TestNode test = TestNode.Open();
        await test.SubmitSignedAsync(SignedCertificates.Ordinary(1));
        byte[] block = origin.Issue(1, RestrictionKind.Block, 1);
        RestrictionImport import = await ImportAsync(test, block, [1, 2, 3]);
        Assert.Equal(
            [(0, RestrictionRefusal.UnknownOrigin, origin.Id), (1, RestrictionRefusal.Unreadable, (NodeId?)null)], import.Refused);
        Assert.Single(test.Node.ReadAll(ServedView.Full));

        await ListAsync(test, origin);
        byte[] forged = [.. block];
        forged[^1] ^= 1;
        Assert.Equal(RestrictionRefusal.BadSignature, Assert.Single((await ImportAsync(test, forged)).Refused).Reason);
        Assert.Equal((1, 1L), ((await ImportAsync(test, block)) is var done ? (done.Added, done.Removed) : default));
        Assert.Equal((0, 1), ((await ImportAsync(test, block)) is var again ? (again.Added, again.Unchanged) : default));
        Assert.Equal(RestrictionRefusal.Conflict, Assert.Single((await ImportAsync(test, origin.Issue(1, RestrictionKind.Block, 2))).Refused).Reason);
        Assert.Empty(test.Node.ReadAll(ServedView.Full));
    }

    [Fact]
    public async Task Highest_sequence_wins_whatever_order_it_comes_in_and_only_within_its_origin()
    {
        using var first = new Origin();
        using var second = new Origin();
        await using TestNode test = TestNode.Open();
        await ListAsync(test, first, second);
        await ImportAsync(test, first.Issue(5, RestrictionKind.Retract, 1), first.Issue(4, RestrictionKind.Block, 1));
        Assert.Equal([SubmissionResult.Added], await test.SubmitSignedAsync(SignedCertificates.Ordinary(1)));

        await ImportAsync(test, first.Issue(6, RestrictionKind.Block, 1), second.Issue(9, RestrictionKind.Block, 1), second.Issue(10, RestrictionKind.Retract, 1));
        Assert.Equal([SubmissionResult.Rejected], await test.SubmitSignedAsync(SignedCertificates.Ordinary(1)));
        RestrictionResult own = await test.Node.Restrictions.IssueAsync(RestrictionKind.Retract, Subject(1), "a", "", Token);
        Assert.Equal(RestrictionStatus.NotRestricted, own.Status);
        Assert.Equal([first.Id], own.OtherOrigins);

        await ListAsync(test);
        Assert.Equal([SubmissionResult.Added], await test.SubmitSignedAsync(SignedCertificates.Ordinary(1)));
        Assert.Equal(5, test.Node.Restrictions.ReadAll().Count);
    }

    [Fact]
    public async Task Foreign_erasure_hides_at_once_and_purges_after_a_week()
    {
        using var origin = new Origin();
        await using TestNode test = TestNode.Open();
        await ListAsync(test, origin);
        await test.SubmitSignedAsync(SignedCertificates.Ordinary(1), SignedCertificates.Ordinary(2));
        RestrictionImport import = await ImportAsync(test, origin.Issue(1, RestrictionKind.Erase, 1), origin.Issue(2, RestrictionKind.Erase, 2));
        Assert.Equal((2, 0L, null), (import.Pending, import.Removed, import.Purge));
        Assert.Empty(test.Node.ReadAll(ServedView.Full));
        Assert.Equal([SubmissionResult.Rejected], await test.SubmitSignedAsync(SignedCertificates.Ordinary(1)));
        Assert.Equal(2, test.Node.GetStatistics().Certificates);

        // The origin takes one of them back in time.
        test.Time.Advance(RestrictionEntry.Grace - TimeSpan.FromSeconds(1));
        await test.Node.Restrictions.RunDueAsync(Token);
        await ImportAsync(test, origin.Issue(3, RestrictionKind.Retract, 2));
        Assert.Equal(SignedCertificates.Ordinary(2).Primary.Fingerprint, Assert.Single(test.Node.ReadAll(ServedView.Full)).Stored.Identity.Fingerprint);

        test.Time.Advance(TimeSpan.FromSeconds(1));
        await test.Node.Restrictions.RunDueAsync(Token);
        Assert.Equal(1, test.Node.GetStatistics().Certificates);
        Assert.False(test.Node.Restrictions.NeedsPurge);
        await test.AssertSoundAsync();
    }

    // What the key has made as a designated revoker stays verifiable.
    [Fact]
    public async Task The_primary_key_of_a_hidden_certificate_is_still_found()
    {
        using var origin = new Origin();
        await using TestNode test = TestNode.Open();
        await ListAsync(test, origin);
        await test.SubmitSignedAsync(SignedCertificates.Ordinary(1));
        await ImportAsync(test, origin.Issue(1, RestrictionKind.Erase, 1));
        SignedCertificate hidden = SignedCertificates.Ordinary(1);

        Assert.Empty(test.Node.ReadAll(ServedView.Full));
        Assert.Equal(hidden.Primary.Body, test.Node.Query.FindPrimaryKey(hidden.Primary.Fingerprint)?.Body.ToArray());
        Assert.Null(test.Node.Query.FindPrimaryKey(SignedCertificates.Ordinary(2).Primary.Fingerprint));
    }

    [Fact]
    public async Task Foreign_erasure_purges_what_was_blocked_here_before()
    {
        using var origin = new Origin();
        await using TestNode test = TestNode.Open();
        await ListAsync(test, origin);
        await test.SubmitSignedAsync(SignedCertificates.Ordinary(1));
        await test.Node.Restrictions.IssueAsync(RestrictionKind.Block, Subject(1), "a", "", Token);
        await ImportAsync(test, origin.Issue(1, RestrictionKind.Erase, 1));
        await test.Node.Restrictions.RunDueAsync(Token);
        Assert.True(DataFolder.Holds(test, "number.1@example.org"));

        test.Time.Advance(RestrictionEntry.Grace);
        await test.Node.Restrictions.RunDueAsync(Token);
        Assert.False(DataFolder.Holds(test, "number.1@example.org"));
        await test.WhileClosedAsync(() => Task.CompletedTask);
        Assert.True(Assert.Single(test.Node.Restrictions.ReadAll(), static entry => !entry.Note.IsOwn).Note.IsPurgeNoted);
    }

    [Fact]
    public async Task More_than_a_hundred_foreign_erasures_a_day_wait_for_confirmation()
    {
        using var origin = new Origin();
        await using TestNode test = TestNode.Open();
        await ListAsync(test, origin);
        await test.SubmitSignedAsync(Enumerable.Range(1, 102).Select(static seed => SignedCertificates.Ordinary(seed)));
        RestrictionImport import = await ImportAsync(
            test, [.. Enumerable.Range(1, 102).Select(seed => origin.Issue((ulong)seed, RestrictionKind.Erase, seed))]);
        Assert.Equal((102, 102), (import.Added, import.Pending));
        Assert.Empty(test.Node.ReadAll(ServedView.Full));

        test.Time.Advance(TimeSpan.FromDays(30));
        await test.Node.Restrictions.RunDueAsync(Token);
        Assert.Equal(2, test.Node.GetStatistics().Certificates);
        RestrictionResult confirmed = await test.Node.Restrictions.ConfirmAsync(origin.Id, 101, "bert", Token);
        Assert.Equal((RestrictionStatus.Done, 1L, true), (confirmed.Status, confirmed.Removed, confirmed.Purge?.IsComplete));
        Assert.Equal(("bert", true), (confirmed.Entry!.Note.ConfirmedBy, confirmed.Entry.Note.Confirmed is not null));
        Assert.Equal(RestrictionStatus.NothingToConfirm, (await test.Node.Restrictions.ConfirmAsync(origin.Id, 101, "bert", Token)).Status);
        Assert.Equal(1, test.Node.GetStatistics().Certificates);
    }

    [Fact]
    public async Task Own_restrictions_hold_after_the_key_is_lost_and_can_be_exchanged_with_a_clone()
    {
        await using TestNode test = TestNode.Open();
        await test.Node.Restrictions.IssueAsync(RestrictionKind.Block, Subject(1), "a", "", Token);
        byte[] record = test.Node.Restrictions.ReadAll()[0].Record.Bytes.ToArray();
        NodeId before = test.Node.Restrictions.Origin;
        await test.WhileClosedAsync(() =>
        {
            File.Delete(Path.Combine(test.Options.DataDirectory, "node.pem"));
            File.Delete(Path.Combine(test.Options.DataDirectory, "node-key.pem"));
            return Task.CompletedTask;
        });

        Assert.NotEqual(before, test.Node.Restrictions.Origin);
        Assert.Equal([SubmissionResult.Rejected], await test.SubmitSignedAsync(SignedCertificates.Ordinary(1)));
        Assert.Equal(1, (await ImportAsync(test, record)).Unchanged);
        Assert.Equal(RestrictionStatus.Done, (await test.Node.Restrictions.IssueAsync(RestrictionKind.Retract, Subject(1), "a", "", Token)).Status);
        Assert.Equal([SubmissionResult.Added], await test.SubmitSignedAsync(SignedCertificates.Ordinary(1)));
    }

    private static RestrictionSubject.Certificate Subject(int seed) => new(SignedCertificates.Ordinary(seed).Primary.Fingerprint);

    private static Task<RestrictionImport> ImportAsync(TestNode test, params IEnumerable<byte[]> records) =>
        test.Node.Restrictions.ImportAsync([.. records.Select(static record => (ReadOnlyMemory<byte>)record)], "a", "", Token);

    private static Task ListAsync(TestNode test, params IEnumerable<Origin> origins) => test.WhileClosedAsync(() =>
    {
        test.Options.Restrictions.Origins = [.. origins.Select(static origin => origin.Id.ToString())];
        return Task.CompletedTask;
    });

    /// <summary>Another node, as far as it issues restrictions.</summary>
    private sealed class Origin : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly NodeIdentity _identity;

        public Origin() => _identity = NodeIdentity.LoadOrCreate(_folder.Path, TimeProvider.System);

        public NodeId Id => _identity.Id;

        public byte[] Issue(ulong sequence, RestrictionKind kind, int seed) =>
            RestrictionRecord.Create(_identity, sequence, DateTimeOffset.UnixEpoch, kind, Subject(seed)).Bytes.ToArray();

        public void Dispose()
        {
            _identity.Dispose();
            _folder.Dispose();
        }
    }
}
