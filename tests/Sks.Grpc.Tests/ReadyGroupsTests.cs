using System.Threading.Channels;

namespace Sks.Grpc.Tests;

public class ReadyGroupsTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_there_is_grouped_and_nothing_waits_for_what_is_not()
    {
        Channel<int> source = Channel.CreateUnbounded<int>();
        for (int i = 0; i < 5; i++)
            source.Writer.TryWrite(i);
        await using IAsyncEnumerator<ReadyGroup<int>> groups =
            source.Reader.ReadAllAsync(Ended).GroupReadyAsync(3, announceStart: false, Ended).GetAsyncEnumerator(Ended);

        await AssertNextAsync(groups, [0, 1, 2], isLast: false);
        await AssertNextAsync(groups, [3, 4], isLast: false);
        source.Writer.TryWrite(5);
        source.Writer.Complete();
        await AssertNextAsync(groups, [5], isLast: true);
        Assert.False(await groups.MoveNextAsync());
    }

    [Fact]
    public async Task Empty_sequence_is_one_empty_last_group()
    {
        ReadyGroup<int> group = Assert.Single(
            await AsyncEnumerable.Empty<int>().GroupReadyAsync(3, announceStart: false, Ended).ToListAsync(Ended));

        Assert.Empty(group.Items);
        Assert.True(group.IsLast);
    }

    [Fact]
    public async Task Start_is_announced_before_the_first_element_but_not_for_a_source_that_fails_at_once()
    {
        Channel<int> source = Channel.CreateUnbounded<int>();
        await using IAsyncEnumerator<ReadyGroup<int>> groups =
            source.Reader.ReadAllAsync(Ended).GroupReadyAsync(3, announceStart: true, Ended).GetAsyncEnumerator(Ended);
        await AssertNextAsync(groups, [], isLast: false);

        await Assert.ThrowsAsync<InvalidDataException>(
            async () => await FailAsync().GroupReadyAsync(3, announceStart: true, Ended).FirstAsync(Ended));
    }

    [Fact]
    public async Task Elements_before_a_failure_are_not_lost()
    {
        List<int> seen = [];

        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (ReadyGroup<int> group in FailAsync(1, 2).GroupReadyAsync(9, announceStart: false, Ended))
                seen.AddRange(group.Items);
        });

        Assert.Equal([1, 2], seen);
    }

    [Fact]
    public async Task Consumer_may_leave_while_the_next_element_is_awaited()
    {
        Channel<int> source = Channel.CreateUnbounded<int>();
        source.Writer.TryWrite(1);

        await foreach (ReadyGroup<int> group in source.Reader.ReadAllAsync(Ended).GroupReadyAsync(3, announceStart: false, Ended))
        {
            Assert.Equal([1], group.Items);
            break;
        }

        Assert.Equal(0, source.Reader.Count);
    }

    private static async IAsyncEnumerable<int> FailAsync(params int[] elements)
    {
        foreach (int element in elements)
            yield return element;
        await Task.CompletedTask;
        throw new InvalidDataException();
    }

    private static async Task AssertNextAsync(IAsyncEnumerator<ReadyGroup<int>> groups, int[] items, bool isLast)
    {
        Assert.True(await groups.MoveNextAsync());
        Assert.Equal(items, groups.Current.Items);
        Assert.Equal(isLast, groups.Current.IsLast);
    }
}
