using Sks.Node;

namespace Sks.Server.Import;

/// <summary>Imports into a store that no node has open, or begins a new one.</summary>
internal sealed class OfflineImporter(KeyserverOptions options) : ICertificateImporter
{
    private const int ExamplesPerReason = 5;
    private const long BytesPerKeep = 32 << 20;

    private readonly Dictionary<RejectionReason, (long Count, List<RejectionExample> Examples)> _rejections = [];

    public async Task<ImportResult> ImportAsync(IReadOnlyList<KeyringFile> files, IProgress<long> progress, CancellationToken cancellationToken)
    {
        List<UnreadablePath> unreadable = [];
        long bytes = 0;
        await using OfflineImport import = OfflineImport.Open(options);
        IReadOnlySet<string> kept = import.Kept;
        int resumed = 0;
        List<string> done = [];
        long keptBytes = 0;
        foreach (KeyringFile file in files)
        {
            if (file.Identity is { } known && kept.Contains(known))
            {
                resumed++;
                bytes += file.Length ?? 0;
                keptBytes = bytes;
                progress.Report(bytes);
                continue;
            }

            try
            {
                await using var stream = new CountingStream(file.Open(), bytes, progress);
                await import.ImportAsync(stream, outcome => Note(file, outcome), null, cancellationToken);
                bytes += stream.BytesRead;
                if (file.Identity is { } identity)
                    done.Add(identity);
                if (bytes - keptBytes >= BytesPerKeep && files.Count > 1)
                {
                    await import.KeepAsync(done);
                    done.Clear();
                    keptBytes = bytes;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                unreadable.Add(new UnreadablePath(file.Name, e.Message));
            }
        }

        await import.FinishAsync();
        return new ImportResult(
            import.Counts.Added,
            import.Counts.Updated,
            import.Counts.Unchanged,
            _rejections.Values.Sum(group => group.Count) + import.Counts.Rejected,
            bytes,
            [.. _rejections.OrderByDescending(pair => pair.Value.Count).Select(pair => new RejectionGroup(pair.Key.ToString(), pair.Value.Count, pair.Value.Examples))],
            unreadable)
        {
            Resumed = resumed,
        };
    }

    private void Note(KeyringFile file, SubmissionOutcome outcome)
    {
        (long count, List<RejectionExample> examples) = _rejections.GetValueOrDefault(outcome.Reason, (0, []));
        if (examples.Count < ExamplesPerReason)
            examples.Add(new RejectionExample(file.Name, outcome.Fingerprint?.ToString()));
        _rejections[outcome.Reason] = (count + 1, examples);
    }
}
