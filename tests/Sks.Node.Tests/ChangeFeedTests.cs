using Sks.Storage;
using Sks.TestSupport;

namespace Sks.Node.Tests;

public class ChangeFeedTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Followers_get_each_change_once_while_others_submit()
    {
        const int Count = 400;
        await using TestNode test = TestNode.Open();
        ChangeCursor start = test.Node.Changes.Current;
        Task<List<Change>>[] followers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => TakeAsync(test, start, Count), Token))];
        await Task.WhenAll(Enumerable.Range(1, Count).Select(seed => Task.Run(() => test.SubmitAsync(CertificateBuilder.Ordinary(seed)), Token)));
        foreach (List<Change> changes in await Task.WhenAll(followers))
        {
            Assert.Equal(Enumerable.Range(1, Count).Select(static i => (ulong)i), changes.Select(static change => change.Sequence));
            Assert.Equal(Count, changes.Select(static change => change.Identity).Distinct().Count());
        }
    }

    [Fact]
    public async Task Change_is_never_told_before_it_can_be_resumed_from()
    {
        await using TestNode test = TestNode.Open();
        Task submitting = Task.WhenAll(Enumerable.Range(1, 300).Select(seed => Task.Run(() => test.SubmitAsync(CertificateBuilder.Ordinary(seed)), Token)));
        ChangeCursor cursor = test.Node.Changes.Current;
        while (cursor.Sequence < 300)
        {
            // A new reader for every change, as a client that loses its connection each time.
            Change change = Assert.Single(await TakeAsync(test, cursor, 1));
            Assert.Equal(cursor.Sequence + 1, change.Sequence);
            cursor = cursor with { Sequence = change.Sequence };
            Assert.True(test.Node.Changes.Current.Sequence >= change.Sequence);
        }

        await submitting;
    }

    [Fact]
    public async Task Follower_goes_on_after_a_restart()
    {
        await using TestNode test = TestNode.Open();
        await test.SubmitAsync(Enumerable.Range(1, 5).Select(static seed => CertificateBuilder.Ordinary(seed)));
        ChangeCursor cursor = test.Node.Changes.Current with { Sequence = 3 };
        await test.WhileClosedAsync(static () => Task.CompletedTask);
        Assert.Equal([4ul, 5ul], (await TakeAsync(test, cursor, 2)).Select(static change => change.Sequence));
    }

    [Fact]
    public async Task Cursor_of_another_log_or_beyond_its_end_is_refused()
    {
        await using TestNode test = TestNode.Open();
        await test.SubmitAsync(CertificateBuilder.Ordinary(1));
        ChangeCursor current = test.Node.Changes.Current;
        foreach (ChangeCursor wrong in (ChangeCursor[])[current with { Sequence = 2 }, current with { Incarnation = current.Incarnation + 1 }])
        {
            CursorOutOfRangeException error = await Assert.ThrowsAsync<CursorOutOfRangeException>(() => TakeAsync(test, wrong, 1));
            Assert.Equal((current with { Sequence = 0 }, current), (error.Oldest, error.Newest));
        }
    }

    [Fact]
    public async Task Cursor_that_a_bulk_load_left_behind_is_refused()
    {
        await using TestNode test = TestNode.Open();
        await test.SubmitAsync(CertificateBuilder.Ordinary(1));
        ChangeCursor before = test.Node.Changes.Current;
        await test.WhileClosedAsync(async () =>
        {
            await using OfflineImport import = OfflineImport.Open(test.Options);
            await import.FinishAsync();
        });
        await Assert.ThrowsAsync<CursorOutOfRangeException>(() => TakeAsync(test, before, 1));
    }

    [Fact]
    public async Task Following_ends_when_the_node_closes()
    {
        await using TestNode test = TestNode.Open();
        Task<List<Change>> follower = TakeAsync(test, test.Node.Changes.Current, 1);
        await test.Node.DisposeAsync();
        Assert.Equal(StorageErrorKind.Closed, (await Assert.ThrowsAsync<StorageException>(() => follower)).Kind);
    }

    private static async Task<List<Change>> TakeAsync(TestNode test, ChangeCursor after, int count)
    {
        List<Change> changes = [];
        await foreach (Change change in test.Node.Changes.ReadAsync(after, Token))
        {
            changes.Add(change);
            if (changes.Count == count)
                break;
        }

        return changes;
    }
}
