using System.Threading.Channels;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node;

/// <summary>Imports keyrings into a store that no node has open, much faster than a running node could.</summary>
/// <remarks>Reading, parsing and loading overlap. Memory is bounded by two chunks, whatever is imported.</remarks>
public sealed class OfflineImport : IAsyncDisposable
{
    private const int ItemsPerBatch = 256;
    private const int BytesPerBatch = 2 << 20;
    private const int BatchesInFlight = 8;
    private const int ChunkBytes = 48 << 20;

    private readonly BulkLoader _loader;
    private readonly OpenPgpLimits _limits;
    private readonly List<Certificate> _chunk = [];
    private long _chunkBytes;
    private Task _loading = Task.CompletedTask;

    private OfflineImport(BulkLoader loader, OpenPgpLimits limits)
    {
        _loader = loader;
        _limits = limits;
    }

    /// <summary>What has been loaded so far; complete after <see cref="FinishAsync"/>.</summary>
    public BulkCounts Counts => _loader.Counts;

    /// <summary>Opens a store for import, or begins a new one.</summary>
    /// <exception cref="StorageException">The store is locked, of another format, or cannot be written.</exception>
    public static OfflineImport Open(KeyserverOptions options)
    {
        OpenPgpLimits limits = options.ToLimits();
        BulkLoader loader = BulkLoader.Open(
            options.DataDirectory, (current, incoming) => CertificateUnion.TryMerge(current, incoming, limits));
        return new OfflineImport(loader, limits);
    }

    /// <summary>Imports one keyring, binary or armored.</summary>
    /// <param name="keyring">Any length.</param>
    /// <param name="rejected">Told about each certificate that is not accepted.</param>
    /// <param name="progress">Told the number of certificates read so far from this keyring.</param>
    /// <param name="cancellationToken">Stops; what was imported before stays only when <see cref="FinishAsync"/> is called.</param>
    public async Task ImportAsync(
        Stream keyring, Action<SubmissionOutcome> rejected, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Channel<Task<ParsedBatch>> batches = Channel.CreateBounded<Task<ParsedBatch>>(BatchesInFlight);
        Task reading = ReadAsync(keyring, batches.Writer, stop.Token);
        try
        {
            long count = 0;
            await foreach (Task<ParsedBatch> pending in batches.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                ParsedBatch batch = await pending.ConfigureAwait(false);
                foreach (SubmissionOutcome outcome in batch.Rejections)
                    rejected(outcome);
                await AddAsync(batch).ConfigureAwait(false);
                count += batch.Certificates.Count + batch.Rejections.Count;
                progress?.Report(count);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Loads what is left and makes everything final: only now is the import there.</summary>
    public async Task FinishAsync()
    {
        await LoadChunkAsync().ConfigureAwait(false);
        await _loading.ConfigureAwait(false);
        await Task.Run(_loader.Finish).ConfigureAwait(false);
    }

    /// <summary>Closes the store. Without <see cref="FinishAsync"/> an import into a new store is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        // A chunk that is being loaded must not lose its database under its feet.
        await _loading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _loader.Dispose();
    }

    private async Task ReadAsync(Stream keyring, ChannelWriter<Task<ParsedBatch>> batches, CancellationToken cancellationToken)
    {
        try
        {
            List<KeyringItem> items = [];
            long bytes = 0;
            await foreach (KeyringItem item in new KeyringSource(keyring, _limits).ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                items.Add(item);
                bytes += item.Bytes.Length;
                if (items.Count < ItemsPerBatch && bytes < BytesPerBatch)
                    continue;
                List<KeyringItem> full = items;
                items = [];
                bytes = 0;
                await batches.WriteAsync(Task.Run(() => Parse(full), CancellationToken.None), cancellationToken).ConfigureAwait(false);
            }

            await batches.WriteAsync(Task.FromResult(Parse(items)), cancellationToken).ConfigureAwait(false);
            batches.Complete();
        }
        catch (Exception e)
        {
            batches.Complete(e);
        }
    }

    private ParsedBatch Parse(List<KeyringItem> items)
    {
        var batch = new ParsedBatch([], [], items.Sum(static item => (long)item.Bytes.Length));
        foreach (KeyringItem item in items)
        {
            if (!item.TryRead(_limits, acceptsCutEnd: true, out Certificate certificate, out SubmissionOutcome rejection))
                batch.Rejections.Add(rejection);
            else if (certificate.PrimaryKey.Version > 4)
                batch.Rejections.Add(SubmissionOutcome.Rejected(RejectionReason.UnsupportedVersion, certificate.PrimaryKey.Fingerprint));
            else
                batch.Certificates.Add(certificate);
        }

        return batch;
    }

    private async Task AddAsync(ParsedBatch batch)
    {
        _chunk.AddRange(batch.Certificates);
        _chunkBytes += batch.Bytes;
        if (_chunkBytes >= ChunkBytes)
            await LoadChunkAsync().ConfigureAwait(false);
    }

    // One chunk is loaded while the next is being read.
    private async Task LoadChunkAsync()
    {
        Certificate[] chunk = [.. _chunk];
        _chunk.Clear();
        _chunkBytes = 0;
        await _loading.ConfigureAwait(false);
        _loading = Task.Run(() => _loader.Load(chunk));
    }

    private sealed record ParsedBatch(List<Certificate> Certificates, List<SubmissionOutcome> Rejections, long Bytes);
}
