using RocksDbSharp;

namespace Sks.Storage;

/// <summary>Goes through rows on all cores, in order and within bounded memory.</summary>
internal static class RecordScan
{
    private const int MaxRows = 256;

    // In format 1 a megabyte of user IDs could call for a hundred megabytes of rows; clean views hold far less, but their makers choose what.
    private const int MaxBytes = 1 << 20;

    /// <summary>Does some work on each row from where the iterator stands to the end.</summary>
    /// <param name="iterator">Not used by anyone else until the end.</param>
    /// <param name="work">Given key and value; for concurrent use.</param>
    /// <param name="cancellationToken">Ends early.</param>
    public static IEnumerable<TResult> InParallel<TResult>(
        Iterator iterator, Func<byte[], byte[], TResult> work, CancellationToken cancellationToken)
    {
        List<(byte[] Key, byte[] Value)> rows = [];
        while (iterator.Valid())
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows.Clear();
            for (int bytes = 0; iterator.Valid() && rows.Count < MaxRows && bytes < MaxBytes; iterator.Next())
            {
                rows.Add((iterator.Key(), iterator.Value()));
                bytes += rows[^1].Value.Length;
            }

            var results = new TResult[rows.Count];
            Parallel.For(0, results.Length, i => results[i] = work(rows[i].Key, rows[i].Value));
            foreach (TResult result in results)
                yield return result;
        }
    }
}
