using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Sks.Node.Admission;
using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node;

/// <summary>Imports keyrings into a store that no node has open, much faster than a running node could.</summary>
/// <remarks>
/// Batches are read one after the other, parsed and worked out in parallel, and claimed in the order of the input in between: that
/// order decides how versions of one certificate are merged. Memory is bounded by one chunk, whatever is imported.
/// </remarks>
public sealed class OfflineImport : IAsyncDisposable
{
    private const int MaxBatchItems = 256;
    private const int MaxBatchBytes = 2 << 20;
    private const int BatchesInFlight = 8;
    private const int ChunkBytes = 48 << 20;

    private readonly BulkLoader _loader;
    private readonly OpenPgpLimits _limits;
    private RestrictionSet _restricted = RestrictionSet.Empty;
    private long _chunkBytes;

    private OfflineImport(KeyserverOptions options)
    {
        var rules = new AdmissionRules(options.Ingest, options.Policies);
        _limits = options.ToLimits();
        var storeOptions = new StoreOptions { Folder = options.DataDirectory, Policies = options.Policies, Dialects = options.ToDialects() };
        _loader = BulkLoader.OpenResumable(storeOptions, (stored, incoming) => Admit(rules, stored, incoming));
    }

    /// <summary>What has been loaded so far; complete after <see cref="FinishAsync"/>.</summary>
    public BulkCounts Counts => _loader.Counts;

    /// <summary>Opens a store for import, or begins a new one.</summary>
    /// <exception cref="StorageException">The store is locked, of another format, or cannot be written.</exception>
    /// <exception cref="UnsoundPlatformException">Signatures do not verify on this machine as they should.</exception>
    public static OfflineImport Open(KeyserverOptions options) => Open(options, TimeProvider.System);

    /// <inheritdoc cref="Open(KeyserverOptions)"/>
    /// <param name="options">Where and how.</param>
    /// <param name="time">Says which restrictions are due.</param>
    public static OfflineImport Open(KeyserverOptions options, TimeProvider time)
    {
        VerificationPlatform.ThrowIfUnsound();
        var import = new OfflineImport(options);
        try
        {
            List<RestrictionEntry> entries = RestrictionEntry.ReadAll(import._loader.ReadRestrictions());
            import._restricted = RestrictionState.Create(entries, options.Restrictions.ReadOrigins(), time.GetUtcNow(), version: 0).Hidden;
            return import;
        }
        catch
        {
            import._loader.Dispose();
            throw;
        }
    }

    /// <summary>Imports one keyring, binary or armored.</summary>
    /// <param name="keyring">Any length.</param>
    /// <param name="rejected">Told about each certificate that is not accepted.</param>
    /// <param name="progress">Told the number of certificates read so far from this keyring.</param>
    /// <param name="cancellationToken">Stops; what was imported before stays when <see cref="FinishAsync"/> or, for the next import, <see cref="KeepAsync"/> is called.</param>
    public async Task ImportAsync(
        Stream keyring, Action<SubmissionOutcome> rejected, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Channel<Task<LoadedBatch>> batches = Channel.CreateBounded<Task<LoadedBatch>>(BatchesInFlight);
        Task reading = ReadAsync(keyring, batches.Writer, stop.Token);
        try
        {
            long count = 0;
            await foreach (Task<LoadedBatch> pending in batches.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                LoadedBatch batch = await pending.ConfigureAwait(false);
                foreach (SubmissionOutcome outcome in batch.Rejections)
                    rejected(outcome);
                count += batch.Count;
                progress?.Report(count);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The names that <see cref="KeepAsync"/> was given by an import that was cut off, and that this one continues.</summary>
    public IReadOnlySet<string> Kept => _loader.ReadKept();

    /// <summary>Has what was imported so far on disk, to be found by the next import if this one is cut off.</summary>
    /// <param name="names">Anything that says what was imported.</param>
    public Task KeepAsync(IReadOnlyList<string> names) => Task.Run(() => _loader.Keep(names));

    /// <summary>Loads what is left and makes everything final: only now is the import there.</summary>
    public Task FinishAsync() => Task.Run(_loader.Finish);

    /// <summary>Closes the store. Without <see cref="FinishAsync"/> an import into a new store is there only for the next import to continue.</summary>
    public ValueTask DisposeAsync()
    {
        _loader.Dispose();
        return ValueTask.CompletedTask;
    }

    private CertificateViews? Admit(AdmissionRules rules, StoredCertificate? stored, Certificate incoming)
    {
        RestrictedCertificate allowed = _restricted.Apply(incoming);
        if (allowed.Certificate is null)
            return null;
        using var admission = new CertificateAdmission(rules, stored, VerifiedCertificate.Unexamined(allowed.Certificate));
        CertificateViews? views = admission.Decide(ChangeSource.Import, allowed.MustBeProven);
        if (views is null || !admission.IsTooLarge(views))
            return views;
        return CertificateReducer.OnlyRevocations(allowed.Certificate) is { } revocations ? Admit(rules, stored, revocations) : null;
    }

    private async Task ReadAsync(Stream keyring, ChannelWriter<Task<LoadedBatch>> batches, CancellationToken cancellationToken)
    {
        List<Task> underWay = [];
        Task turn = Task.CompletedTask;
        Exception? error = null;
        try
        {
            await foreach (List<KeyringItem> items in GroupAsync(keyring, cancellationToken).ConfigureAwait(false))
            {
                Task before = turn;
                var after = new TaskCompletionSource();
                turn = after.Task;
                Task<LoadedBatch> batch = Task.Run(() => LoadAsync(items, before, after), CancellationToken.None);
                underWay.Add(batch);
                await batches.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
                _chunkBytes += items.Sum(static item => (long)item.Bytes.Length);
                if (_chunkBytes < ChunkBytes)
                    continue;
                await Task.WhenAll(underWay).ConfigureAwait(false);
                underWay.Clear();
                _chunkBytes = 0;
                await Task.Run(_loader.Flush, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            error = e;
        }

        // Nothing may still be at work on the store when this ends.
        await Task.WhenAll(underWay).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        batches.Complete(error);
    }

    private async IAsyncEnumerable<List<KeyringItem>> GroupAsync(Stream keyring, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<KeyringItem> items = [];
        long bytes = 0;
        await foreach (KeyringItem item in new KeyringSource(keyring, _limits).ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            items.Add(item);
            bytes += item.Bytes.Length;
            if (items.Count < MaxBatchItems && bytes < MaxBatchBytes)
                continue;
            yield return items;
            items = [];
            bytes = 0;
        }

        if (items.Count > 0)
            yield return items;
    }

    // Does not return the certificates: the results of a whole chunk are kept until its end.
    private async Task<LoadedBatch> LoadAsync(List<KeyringItem> items, Task before, TaskCompletionSource after)
    {
        List<SubmissionOutcome> rejections = [];
        IReadOnlyList<Certificate> claimed;
        try
        {
            List<Certificate> certificates = Parse(items, rejections);
            await before.ConfigureAwait(false);
            claimed = _loader.Claim(certificates);
        }
        finally
        {
            after.SetResult();
        }

        _loader.Stage(claimed);
        return new LoadedBatch(items.Count, rejections);
    }

    private List<Certificate> Parse(List<KeyringItem> items, List<SubmissionOutcome> rejections)
    {
        var certificates = new List<Certificate>(items.Count);
        foreach (KeyringItem item in items)
        {
            if (!item.TryRead(_limits, acceptsCutEnd: true, out Certificate certificate, out SubmissionOutcome rejection))
                rejections.Add(rejection);
            else if (_restricted.Apply(certificate).Certificate is { } allowed)
                certificates.Add(allowed);
            else
                rejections.Add(SubmissionOutcome.Rejected(RejectionReason.Restricted, certificate.PrimaryKey.Fingerprint));
        }

        return certificates;
    }

    private sealed record LoadedBatch(int Count, List<SubmissionOutcome> Rejections);
}
