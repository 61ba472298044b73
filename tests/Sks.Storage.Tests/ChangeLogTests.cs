using Sks.OpenPgp;

namespace Sks.Storage.Tests;

public class ChangeLogTests
{
    private const int TrimEvery = 4096;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Change_tells_when_what_and_from_where()
    {
        await using TestStore test = TestStore.Open();
        Certificate first = TestStore.Version(1, 1);
        Certificate union = TestStore.Version(1, 1, 2);
        DateTimeOffset added = test.Time.GetUtcNow();
        await test.SubmitAsync(first, Token);
        test.Time.Advance(TimeSpan.FromSeconds(5));
        await test.SubmitAsync(TestStore.Version(1, 2), Token);
        await test.ReopenAsync();
        Assert.Equal(
            [
                new Change(1, added, first.Identity, null, first.Digest, ChangeSource.Hkp, 1, null, Merging.ViewsOf(first).Clean[0].Digest),
                new Change(
                    2,
                    added.AddSeconds(5),
                    first.Identity,
                    first.Digest,
                    union.Digest,
                    ChangeSource.Hkp,
                    1,
                    Merging.ViewsOf(first).Clean[0].Digest,
                    Merging.ViewsOf(union).Clean[0].Digest),
            ],
            test.Store.ReadChanges(0));
        Assert.Equal([2ul], test.Store.ReadChanges(1).Select(static change => change.Sequence));
        Assert.Empty(test.Store.ReadChanges(2));
    }

    [Fact]
    public async Task Log_keeps_so_many_changes()
    {
        await using TestStore test = TestStore.Open(static options => options with { MaxChanges = 1000 });
        await test.SubmitAllAsync(Numbers(1, TrimEvery - 600));
        Assert.Equal(0ul, test.Store.Oldest.Sequence);
        await test.SubmitAllAsync(Numbers(TrimEvery - 599, 1200));

        ulong oldest = test.Store.Oldest.Sequence;
        Assert.InRange(oldest, TrimEvery - 1000ul, TrimEvery - 1000ul + 512);
        Assert.Equal(oldest + 1, test.Store.ReadChanges(0)[0].Sequence);
        await test.ReopenAsync();
        Assert.Equal(oldest, test.Store.Oldest.Sequence);
        Assert.Equal(TrimEvery + 600ul, test.Store.Newest.Sequence);
        test.AssertSound();
    }

    [Fact]
    public async Task Log_keeps_changes_so_long()
    {
        await using TestStore test = TestStore.Open(static options => options with { ChangeRetention = TimeSpan.FromDays(2) });
        await test.SubmitAllAsync(Numbers(1, 100));
        test.Time.Advance(TimeSpan.FromDays(1));
        await test.SubmitAllAsync(Numbers(101, TrimEvery - 200));
        test.Time.Advance(TimeSpan.FromDays(1.5));
        await test.SubmitAllAsync(Numbers(TrimEvery - 99, 200));
        Assert.Equal(100ul, test.Store.Oldest.Sequence);
        Assert.Equal(101ul, test.Store.ReadChanges(0)[0].Sequence);
    }

    [Fact]
    public async Task History_counts_by_the_hour_and_reaches_back_31_days()
    {
        await using TestStore test = TestStore.Open();
        DateTimeOffset start = test.Time.GetUtcNow();
        await test.SubmitAllAsync([TestStore.Version(1, 1), TestStore.Version(2, 1), TestStore.Version(3, 1)]);
        test.Time.Advance(TimeSpan.FromMinutes(61));
        await test.SubmitAllAsync([TestStore.Version(1, 2), TestStore.Version(2, 1), TestStore.Version(4, 1)]);
        Assert.Equal([new HourlyChanges(start, 3, 0), new HourlyChanges(start.AddHours(1), 1, 1)], test.Store.ReadHistory());
        await test.ReopenAsync();
        Assert.Equal(2, test.Store.ReadHistory().Count);

        test.Time.Advance(TimeSpan.FromDays(31));
        await test.SubmitAsync(TestStore.Version(5, 1), Token);
        Assert.Equal(
            [new HourlyChanges(start.AddHours(1), 1, 1), new HourlyChanges(start.AddHours(1).AddDays(31), 1, 0)], test.Store.ReadHistory());
        test.Time.Advance(TimeSpan.FromHours(1));
        await test.SubmitAsync(TestStore.Version(6, 1), Token);
        Assert.Equal(2, test.Store.ReadHistory().Count);
    }

    [Fact]
    public async Task Waiting_for_a_change_ends_with_it_or_with_the_store()
    {
        await using TestStore test = TestStore.Open();
        Task first = test.Store.WaitForChangeAsync(0, Token);
        Task second = test.Store.WaitForChangeAsync(1, Token);
        Assert.False(first.IsCompleted);
        await test.SubmitAsync(TestStore.Certificate(1), Token);
        await first;
        Assert.False(second.IsCompleted);
        await test.Store.DisposeAsync();
        Assert.Equal(StorageErrorKind.Closed, (await Assert.ThrowsAsync<StorageException>(() => second)).Kind);
    }

    [Fact]
    public async Task Repair_and_bulk_load_start_a_new_incarnation_without_old_changes()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync(Numbers(1, 3));
        ChangeCursor before = test.Store.Newest;
        await test.Store.RepairAsync(Token);
        AssertRenewed();

        await test.SubmitAllAsync(Numbers(4, 2));
        before = test.Store.Newest;
        await test.WhileClosedAsync(folder => BulkLoads.Load(folder, [TestStore.Certificate(9)]));
        AssertRenewed();
        Assert.Equal(6, test.Store.Count);
        test.AssertSound();

        void AssertRenewed()
        {
            Assert.NotEqual(before.Incarnation, test.Store.Newest.Incarnation);
            Assert.True(test.Store.Newest.Sequence > before.Sequence);
            Assert.Equal(test.Store.Newest, test.Store.Oldest);
            Assert.Empty(test.Store.ReadChanges(0));
        }
    }

    private static IEnumerable<Certificate> Numbers(int first, int count) =>
        Enumerable.Range(first, count).Select(static seed => TestStore.Version(seed, 1));
}
