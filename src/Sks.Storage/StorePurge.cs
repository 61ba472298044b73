using System.Globalization;
using RocksDbSharp;

namespace Sks.Storage;

/// <summary>What a purge came to.</summary>
/// <param name="IsComplete">Whether nothing that was deleted before it is in any file any more.</param>
/// <param name="HeldFiles">Files that may still hold some, because readers keep them; they go away with the readers.</param>
public sealed record PurgeResult(bool IsComplete, IReadOnlyList<string> HeldFiles);

/// <summary>Makes what was deleted disappear from the files, while the store is in use.</summary>
/// <remarks>
/// <para>RocksDB only notes a deletion; the bytes stay in the log of writes and in tables until compactions happen to meet them, and the keys
/// at either end of each table are written to the MANIFEST. So: what is in memory is written to tables, which ends the old log; all
/// tables of all families are written anew, those of the last level included; and the MANIFEST is replaced by one that knows
/// only the tables of now, which RocksDB does at the next flush when it is over its size limit.</para>
/// <para>Readers with an open iterator or snapshot keep files, and a snapshot also has deleted rows copied. So those that are older are waited for
/// before, and the files that were there before are waited for after.</para>
/// </remarks>
internal sealed class StorePurge(Database database, string folder)
{
    private const byte ForceOptimized = 3;
    private const ulong DeletionMicroseconds = 10_000_000;
    private static readonly string[] ManifestOptions = ["max_manifest_file_size", "max_manifest_space_amp_pct"];
    private static readonly string[] SmallManifest = ["1", "0"];
    private static readonly string[] UsualManifest = ["1073741824", "500"];
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until no snapshot is older than now.</summary>
    /// <returns>False when there still is one after <paramref name="patience"/>.</returns>
    public async Task<bool> WaitForSnapshotsAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        ulong now = Native.Instance.rocksdb_get_latest_sequence_number(database.Rocks.Handle);
        long start = time.GetTimestamp();
        while (HasSnapshotBefore(now))
        {
            if (time.GetElapsedTime(start) > patience)
                return false;
            await Task.Delay(PollInterval, time, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Rewrites all tables. Takes about as long as reading and writing the whole store once.</summary>
    /// <returns>The files that were there before. <see cref="ReplaceManifest"/> has to follow.</returns>
    /// <exception cref="RocksDbException">The disk cannot be written, or <see cref="Stop"/> was called.</exception>
    public IReadOnlyList<string> Rewrite()
    {
        HashSet<string> before = [.. FilesWithRows()];
        foreach ((Family family, _) in FamilyNames.All)
            Flush(family);
        foreach ((Family family, _) in FamilyNames.All)
            Compact(family);
        return [.. before.Order(StringComparer.Ordinal)];
    }

    /// <summary>Replaces the list of tables, after something was written to <see cref="Family.Meta"/>, and has old files deleted.</summary>
    /// <exception cref="RocksDbException">The disk cannot be written.</exception>
    public void ReplaceManifest()
    {
        SetOptions(SmallManifest);
        try
        {
            Flush(Family.Meta);
        }
        finally
        {
            SetOptions(UsualManifest);
        }

        WaitForDeletions();
        foreach (string rotated in Directory.EnumerateFiles(folder, "LOG.old*"))
            File.Delete(rotated);
    }

    /// <summary>Waits until files are gone.</summary>
    /// <returns>Those that are still there after <paramref name="patience"/>.</returns>
    public static async Task<IReadOnlyList<string>> WaitUntilGoneAsync(
        IReadOnlyList<string> files, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            files = [.. files.Where(File.Exists)];
            if (files.Count == 0 || time.GetElapsedTime(start) > patience)
                return files;
            await Task.Delay(PollInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Has <see cref="Rewrite"/> end soon, wherever it is.</summary>
    public static void Stop(Database database) => Native.Instance.rocksdb_disable_manual_compaction(database.Rocks.Handle);

    private bool HasSnapshotBefore(ulong sequence) =>
        database.Rocks.GetProperty("rocksdb.num-snapshots") != "0"
        && ulong.Parse(database.Rocks.GetProperty("rocksdb.oldest-snapshot-sequence"), NumberStyles.None, CultureInfo.InvariantCulture) < sequence;

    private IEnumerable<string> FilesWithRows() =>
        Directory.EnumerateFiles(folder).Where(static path =>
            Path.GetExtension(path) is ".sst" or ".log" || Path.GetFileName(path).StartsWith("MANIFEST-", StringComparison.Ordinal));

    private void SetOptions(string[] values) => Native.Instance.rocksdb_set_db_options(database.Rocks.Handle, values.Length, ManifestOptions, values);

    private void Flush(Family family)
    {
        nint options = Native.Instance.rocksdb_flushoptions_create();
        try
        {
            Native.Instance.rocksdb_flush_cf(database.Rocks.Handle, options, database[family].Handle);
        }
        finally
        {
            Native.Instance.rocksdb_flushoptions_destroy(options);
        }
    }

    // RocksDB deletes files in the background. What takes longer has another reason, and is seen by who looks for the files.
    private void WaitForDeletions()
    {
        nint options = Native.Instance.rocksdb_wait_for_compact_options_create();
        try
        {
            Native.Instance.rocksdb_wait_for_compact_options_set_wait_for_purge(options, 1);
            Native.Instance.rocksdb_wait_for_compact_options_set_timeout(options, DeletionMicroseconds);
            Native.Instance.rocksdb_wait_for_compact(database.Rocks.Handle, options, out nint error);
            if (error != 0)
                Native.Instance.rocksdb_free(error);
        }
        finally
        {
            Native.Instance.rocksdb_wait_for_compact_options_destroy(options);
        }
    }

    private unsafe void Compact(Family family)
    {
        nint options = Native.Instance.rocksdb_compactoptions_create();
        try
        {
            Native.Instance.rocksdb_compactoptions_set_bottommost_level_compaction(options, ForceOptimized);
            Native.Instance.rocksdb_compact_range_cf_opt(database.Rocks.Handle, database[family].Handle, options, (byte*)null, 0, (byte*)null, 0);
        }
        finally
        {
            Native.Instance.rocksdb_compactoptions_destroy(options);
        }
    }
}
