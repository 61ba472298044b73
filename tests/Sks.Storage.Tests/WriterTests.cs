using Sks.OpenPgp;

namespace Sks.Storage.Tests;

public class WriterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Concurrent_submissions_are_all_acknowledged_and_logged_without_gaps()
    {
        await using TestStore test = TestStore.Open();
        ulong incarnation = test.Store.Newest.Incarnation;
        Certificate[] certificates = [.. Enumerable.Range(1, 500).Select(TestStore.Certificate)];
        bool[] written = await Task.WhenAll(certificates.Select(certificate => Task.Run(() => test.SubmitAsync(certificate))));

        Assert.All(written, static answer => Assert.True(answer));
        Assert.Equal(new ChangeCursor(incarnation, 500), test.Store.Newest);
        Assert.Equal(500, test.Store.Count);
        IReadOnlyList<Change> changes = test.Store.ReadChanges(0);
        Assert.Equal(Enumerable.Range(1, 500).Select(static i => (ulong)i), changes.Select(static change => change.Sequence));
        Assert.Equal(
            certificates.Select(static c => (c.Identity, (SksDigest?)null, (SksDigest?)c.Digest)).ToHashSet(),
            changes.Select(static c => (c.Identity, c.OldDigest, c.NewDigest)).ToHashSet());
        Assert.All(changes, change => Assert.Equal(test.Find(change.Identity)!.Version, change.Sequence));
        test.AssertSound();
    }

    [Fact]
    public async Task Forty_versions_of_one_certificate_at_once_end_in_their_union()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync(Enumerable.Range(0, 40).Select(static part => TestStore.Version(1, part)));

        Certificate union = TestStore.Version(1, Enumerable.Range(0, 40));
        Assert.Equal(union.Digest, test.Find(union.Identity)!.SksDigest);
        Assert.Equal(1, test.Store.Count);

        // Each change continues where the one before ended.
        SksDigest? digest = null;
        foreach (Change change in test.Store.ReadChanges(0))
        {
            Assert.Equal(digest, change.OldDigest);
            digest = change.NewDigest;
        }

        Assert.Equal(union.Digest, digest);
        test.AssertSound();
    }

    [Fact]
    public async Task Change_worked_out_from_an_old_version_is_a_conflict_and_writes_nothing()
    {
        await using TestStore test = TestStore.Open();
        PreparedChange first = test.Prepare(TestStore.Version(1, 1))!;
        PreparedChange second = test.Prepare(TestStore.Version(1, 2))!;
        CommitResult[] results = await Task.WhenAll(test.Store.CommitAsync(first, Token), test.Store.CommitAsync(second, Token));
        Assert.Equal([CommitResult.Committed, CommitResult.Conflict], results);
        Assert.Equal(1u, test.Store.Newest.Sequence);
        Assert.Equal(TestStore.Version(1, 1).Digest, test.Find(TestStore.Version(1).Identity)!.SksDigest);
        test.AssertSound();
    }

    [Fact]
    public async Task Unchanged_certificate_writes_nothing()
    {
        await using TestStore test = TestStore.Open();
        Assert.True(await test.SubmitAsync(TestStore.Version(1, 1, 2), Token));
        Assert.False(await test.SubmitAsync(TestStore.Version(1, 1, 2), Token));
        Assert.False(await test.SubmitAsync(TestStore.Version(1, 2), Token));
        Assert.Equal(1u, test.Store.Newest.Sequence);
        Assert.Single(test.Store.ReadChanges(0));
    }

    [Fact]
    public async Task Full_queue_makes_callers_wait_and_cancellation_takes_back_only_those()
    {
        await using TestStore test = TestStore.Open(static options => options with { QueueLength = 2 });
        using var blocker = new WriterBlock(test.Store);
        await blocker.Entered;

        using var cancellation = new CancellationTokenSource();
        Task<CommitResult>[] commits =
            [.. Enumerable.Range(1, 5).Select(seed => test.Store.CommitAsync(test.Prepare(TestStore.Certificate(seed))!, cancellation.Token))];
        Assert.All(commits, static commit => Assert.False(commit.IsCompleted));
        await cancellation.CancelAsync();

        // Two have a place in the queue; three waited for one.
        foreach (Task<CommitResult> commit in commits[2..])
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => commit);
        Assert.All(commits[..2], static commit => Assert.False(commit.IsCompleted));
        blocker.Dispose();
        Assert.Equal([CommitResult.Committed, CommitResult.Committed], await Task.WhenAll(commits[..2]));
        Assert.Equal(2, test.Store.Count);
        test.AssertSound();
    }

    [Fact]
    public async Task Disposing_writes_what_waits_and_refuses_what_comes_later()
    {
        await using TestStore test = TestStore.Open();
        using var blocker = new WriterBlock(test.Store);
        await blocker.Entered;
        PreparedChange late = test.Prepare(TestStore.Certificate(99))!;
        Task<CommitResult>[] commits =
            [.. Enumerable.Range(1, 20).Select(seed => test.Store.CommitAsync(test.Prepare(TestStore.Certificate(seed))!, Token))];
        Task disposing = test.Store.DisposeAsync().AsTask();
        Assert.False(disposing.IsCompleted);
        StorageException error = await Assert.ThrowsAsync<StorageException>(() => test.Store.CommitAsync(late, Token));
        Assert.Equal(StorageErrorKind.Closed, error.Kind);

        blocker.Dispose();
        Assert.All(await Task.WhenAll(commits), static result => Assert.Equal(CommitResult.Committed, result));
        await disposing;
        await test.ReopenAsync();
        Assert.Equal(20, test.Store.Count);
        test.AssertSound();
    }

    [Fact]
    public async Task Disposing_waits_for_readers_and_closes_the_door_behind_them()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(TestStore.Certificate(1), Token);
        StoreLease lease = test.Store.TakeLease();
        StoreSnapshot snapshot = test.Store.TakeSnapshot();
        Task disposing = test.Store.DisposeAsync().AsTask();
        await test.Store.WriterCompletion;
        while (!IsClosed())
            await Task.Yield();

        Assert.NotNull(lease.Reader.Find(TestStore.Certificate(1).Identity));
        Assert.Single(snapshot.ReadAll());
        lease.Dispose();
        lease.Dispose();
        Assert.False(disposing.IsCompleted);
        snapshot.Dispose();
        snapshot.Dispose();
        await disposing;
        Assert.Throws<ObjectDisposedException>(() => lease.Reader);

        bool IsClosed()
        {
            try
            {
                test.Store.TakeLease().Dispose();
                return false;
            }
            catch (StorageException e) when (e.Kind == StorageErrorKind.Closed)
            {
                return true;
            }
        }
    }

    [Fact]
    public async Task Snapshot_stays_at_its_moment()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync(Enumerable.Range(1, 50).Select(static seed => TestStore.Version(seed, 1)));
        using StoreSnapshot snapshot = test.Store.TakeSnapshot();
        using IEnumerator<StoredCertificate> reading = snapshot.ReadAll().GetEnumerator();
        Assert.True(reading.MoveNext());
        List<SksDigest> digests = [reading.Current.SksDigest!.Value];
        await test.SubmitAllAsync(Enumerable.Range(1, 100).Select(static seed => TestStore.Version(seed, 2)));
        while (reading.MoveNext())
            digests.Add(reading.Current.SksDigest!.Value);
        Assert.Equal(Enumerable.Range(1, 50).Select(static seed => TestStore.Version(seed, 1).Digest.Value).Order(), digests.Select(static digest => digest.Value).Order());
        Assert.Equal(100, test.Store.Count);
    }

    [Fact]
    public async Task Check_during_writes_sees_one_moment()
    {
        await using TestStore test = TestStore.Open(static options => options with { MaxGroupSize = 3 });
        using var stop = new CancellationTokenSource();
        Task writing = Task.Run(
            async () =>
            {
                for (int i = 0; !stop.IsCancellationRequested; i++)
                    await test.SubmitAsync(TestStore.Version(i % 50, i));
            },
            Token);
        for (int i = 0; i < 20; i++)
        {
            ulong before = test.Store.Newest.Sequence;
            test.AssertSound();
            await test.Store.WaitForChangeAsync(before, Token);
        }

        await stop.CancelAsync();
        await writing;
    }

    // Keeps the writer from taking anything off its queue.
    private sealed class WriterBlock : IDisposable
    {
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _release = new();

        public WriterBlock(CertificateStore store) => store.RunExclusiveAsync(
            state =>
            {
                _entered.TrySetResult();
                _release.Wait();
                return state;
            },
            CancellationToken.None);

        public Task Entered => _entered.Task;

        public void Dispose() => _release.Set();
    }
}
