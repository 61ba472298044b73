using System.Collections.Concurrent;
using System.Security.Cryptography;
using Sks.Node;

namespace Sks.Server.Import;

/// <summary>Compares dumps with their metadata, before anything of them is imported.</summary>
/// <remarks>A file that is not as its metadata says is left out; what no metadata names is imported as it is. Two files are read at a time.</remarks>
internal static class DumpVerification
{
    private const int Parallelism = 2;

    /// <summary>Verifies all that metadata names.</summary>
    /// <param name="files">What is to be imported.</param>
    /// <param name="metadata">Files with metadata.</param>
    /// <param name="options">Bounds for reading certificates.</param>
    /// <param name="progress">Told the number of bytes read so far.</param>
    /// <param name="cancellationToken">Stops early.</param>
    /// <returns>What is left to be imported, and what is wrong.</returns>
    public static async Task<(IReadOnlyList<KeyringFile> Files, IReadOnlyList<UnreadablePath> Problems)> VerifyAsync(
        IReadOnlyList<KeyringFile> files, IReadOnlyList<string> metadata, KeyserverOptions options, IProgress<long> progress, CancellationToken cancellationToken)
    {
        List<UnreadablePath> problems = [];
        HashSet<string> leftOut = [];
        var read = new SharedCount(progress);
        foreach (string path in metadata)
        {
            try
            {
                await VerifyAsync(DumpMetadata.Read(path), options, read, problems, leftOut, cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                problems.Add(new UnreadablePath(path, e.Message));
            }
        }

        return ([.. files.Where(file => !leftOut.Contains(file.Name))], problems);
    }

    private static async Task VerifyAsync(
        DumpMetadata metadata,
        KeyserverOptions options,
        SharedCount read,
        List<UnreadablePath> problems,
        HashSet<string> leftOut,
        CancellationToken cancellationToken)
    {
        string folder = Path.GetDirectoryName(metadata.Path) ?? "";
        string name = Path.GetFileName(metadata.Path);
        if (metadata.FileCount is { } fileCount && fileCount != metadata.Entries.Count)
            problems.Add(new UnreadablePath(metadata.Path, $"it says that the dump has {fileCount} files, but names {metadata.Entries.Count}: it is not whole"));

        ConcurrentDictionary<string, UnreadablePath> wrong = [];
        long certificates = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(metadata.Entries, parallel, async (entry, token) =>
        {
            string path = Path.Combine(folder, entry.Name);
            try
            {
                if (!File.Exists(path))
                    throw new FileNotFoundException($"{name} names it, but it is missing: the dump is not whole");
                (string digest, long count) = await ReadAsync(new KeyringFile(path, null), options, read, token);
                Interlocked.Add(ref certificates, count);
                if (digest != entry.Digest)
                    throw new IOException($"its MD5 is {digest}, but {name} says {entry.Digest}: it is damaged or not whole, and is not imported");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                wrong[path] = new UnreadablePath(path, e.Message);
            }
        });

        problems.AddRange(wrong.Values.OrderBy(static problem => problem.Path, StringComparer.Ordinal));
        leftOut.UnionWith(wrong.Keys);
        if (wrong.IsEmpty && metadata.KeyCount is { } keyCount && keyCount != certificates)
            problems.Add(new UnreadablePath(metadata.Path, $"it says that the dump has {keyCount} certificates, but its files hold {certificates}"));
    }

    private static async Task<(string Digest, long Certificates)> ReadAsync(
        KeyringFile file, KeyserverOptions options, SharedCount read, CancellationToken cancellationToken)
    {
        using var digest = MD5.Create();
        await using Stream stream = file.Open();
        await using var hashed = new CryptoStream(stream, digest, CryptoStreamMode.Read);
        await using var counting = new CountingStream(hashed, 0, new Difference(read));
        long certificates = await KeyringCount.ReadAsync(counting, options, cancellationToken);
        return (Convert.ToHexStringLower(digest.Hash!), certificates);
    }

    // The sum over files that are read beside each other.
    private sealed class SharedCount(IProgress<long> progress)
    {
        private long _sum;

        public void Add(long bytes) => progress.Report(Interlocked.Add(ref _sum, bytes));
    }

    private sealed class Difference(SharedCount sum) : IProgress<long>
    {
        private long _last;

        public void Report(long value)
        {
            sum.Add(value - _last);
            _last = value;
        }
    }
}
