using System.Runtime.CompilerServices;

namespace Sks.Grpc;

/// <summary>Elements of a sequence that were there at the same moment.</summary>
/// <param name="Items">The elements; empty only at the start and at the end.</param>
/// <param name="IsLast">Whether the sequence has ended.</param>
internal readonly record struct ReadyGroup<T>(IReadOnlyList<T> Items, bool IsLast);

/// <summary>Groups small elements into messages without ever delaying one.</summary>
internal static class ReadyGroups
{
    /// <summary>Takes elements together for as long as the next one is there already.</summary>
    /// <param name="source">The elements.</param>
    /// <param name="maxCount">Most elements of a group.</param>
    /// <param name="announceStart">Whether an empty group comes first, unless the source fails at once.</param>
    /// <param name="cancellationToken">Ends the sequence.</param>
    public static async IAsyncEnumerable<ReadyGroup<T>> GroupReadyAsync<T>(
        this IAsyncEnumerable<T> source,
        int maxCount,
        bool announceStart,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        IAsyncEnumerator<T> enumerator = source.GetAsyncEnumerator(cancellation.Token);
        Task<bool> next = Task.FromResult(false);
        try
        {
            List<T> group = [];
            next = enumerator.MoveNextAsync().AsTask();
            if (announceStart && !next.IsFaulted)
                yield return new ReadyGroup<T>([], IsLast: false);

            while (await next.ConfigureAwait(false))
            {
                group.Add(enumerator.Current);
                next = enumerator.MoveNextAsync().AsTask();
                if (group.Count == maxCount || !next.IsCompletedSuccessfully)
                {
                    yield return new ReadyGroup<T>(group, IsLast: false);
                    group = [];
                }
            }

            yield return new ReadyGroup<T>(group, IsLast: true);
        }
        finally
        {
            // The consumer may have left at a yield with the next element under way; an enumerator must rest before it is disposed.
            await cancellation.CancelAsync().ConfigureAwait(false);
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await enumerator.DisposeAsync().ConfigureAwait(false);
        }
    }
}
