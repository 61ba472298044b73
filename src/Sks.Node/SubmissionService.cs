using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Sks.Node.Admission;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node;

/// <summary>Takes certificates in: cuts and parses the input, and has each certificate stored.</summary>
public sealed class SubmissionService
{
    private const int MaxInFlight = 256;
    private const int MaxBytesInFlight = 16 << 20;

    private readonly CertificateIngest _ingest;
    private readonly RevocationIngest _revocations;
    private readonly NodeMetrics _metrics;
    private readonly OpenPgpLimits _limits;
    private readonly int _maxCertificates;

    internal SubmissionService(CertificateIngest ingest, RevocationIngest revocations, KeyserverOptions options, NodeMetrics metrics)
    {
        _ingest = ingest;
        _revocations = revocations;
        _metrics = metrics;
        _limits = options.ToLimits();
        _maxCertificates = options.MaxCertificatesPerSubmission;
    }

    /// <summary>Stores what <paramref name="body"/> holds, binary or armored, any number of certificates up to the limit.</summary>
    /// <returns>One outcome per certificate, in the order of the input, each after its change is on disk.</returns>
    /// <exception cref="StorageException">The store cannot be written now; what was not answered may or may not be stored.</exception>
    public IAsyncEnumerable<SubmissionOutcome> SubmitAsync(
        ReadOnlyMemory<byte> body, SubmissionOrigin origin, CancellationToken cancellationToken) =>
        StoreAllAsync(AsStream(body), _maxCertificates, acceptsCutEnd: false, origin, cancellationToken);

    /// <summary>Whether every certificate that <paramref name="body"/> holds would be stored whole, or rejected. Nothing is stored.</summary>
    /// <returns>False when a certificate would be stored without some of its packets.</returns>
    /// <exception cref="StorageException">The store is closing.</exception>
    public async Task<bool> WouldKeepAllAsync(ReadOnlyMemory<byte> body, SubmissionOrigin origin, CancellationToken cancellationToken)
    {
        int count = 0;
        await foreach (KeyringItem item in new KeyringSource(AsStream(body), _limits).ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (++count > _maxCertificates)
                break;
            if (item.TryRead(_limits, acceptsCutEnd: false, out Certificate certificate, out _)
                && !await _ingest.WouldKeepAllAsync(new IngestCandidate(certificate, origin), cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads certificates from a stream of any length, binary or armored, and stores them, many at a time.</summary>
    /// <remarks>As in SKS's build the certificate before a cut-off end is stored without the packet that is cut.</remarks>
    /// <returns>One outcome per certificate, in the order of the input, each after its change is on disk.</returns>
    /// <exception cref="StorageException">The store cannot be written now; what was not answered may or may not be stored.</exception>
    public IAsyncEnumerable<SubmissionOutcome> ImportAsync(Stream keyring, CancellationToken cancellationToken) =>
        StoreAllAsync(keyring, int.MaxValue, acceptsCutEnd: true, SubmissionOrigin.Import, cancellationToken);

    private static MemoryStream AsStream(ReadOnlyMemory<byte> body) => MemoryMarshal.TryGetArray(body, out ArraySegment<byte> array)
        ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
        : new MemoryStream(body.ToArray(), writable: false);

    private async IAsyncEnumerable<SubmissionOutcome> StoreAllAsync(
        Stream keyring,
        int maxCertificates,
        bool acceptsCutEnd,
        SubmissionOrigin origin,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Channel<Task<SubmissionOutcome>> inFlight = Channel.CreateBounded<Task<SubmissionOutcome>>(MaxInFlight);
        Task producer = ProduceAsync(keyring, maxCertificates, acceptsCutEnd, origin, inFlight.Writer, stop.Token);
        try
        {
            await foreach (Task<SubmissionOutcome> pending in inFlight.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return await pending.ConfigureAwait(false);
        }
        finally
        {
            // Left early: what the writer has is written, the rest is dropped, and afterwards nothing of this is running.
            await stop.CancelAsync().ConfigureAwait(false);
            await producer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (inFlight.Reader.TryRead(out Task<SubmissionOutcome>? pending))
                await ((Task)pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ProduceAsync(
        Stream keyring,
        int maxCertificates,
        bool acceptsCutEnd,
        SubmissionOrigin origin,
        ChannelWriter<Task<SubmissionOutcome>> inFlight,
        CancellationToken cancellationToken)
    {
        try
        {
            int count = 0;
            var budget = new ByteBudget(MaxBytesInFlight);
            List<Task> earlier = [];
            await foreach (KeyringItem item in new KeyringSource(keyring, _limits).ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (++count > maxCertificates)
                {
                    await inFlight.WriteAsync(Task.FromResult(Reject(RejectionReason.TooManyCertificates, origin)), cancellationToken).ConfigureAwait(false);
                    break;
                }

                // Parsing and merging run beside each other, within bounds on number and bytes.
                int taken = await budget.TakeAsync(item.Bytes.Length, cancellationToken).ConfigureAwait(false);
                await inFlight.WaitToWriteAsync(cancellationToken).ConfigureAwait(false);

                // A revocation may be of a certificate that came just before it.
                earlier.RemoveAll(static task => task.IsCompleted);
                if (item.StartsWithSignature)
                    await Task.WhenAll(earlier).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Task<SubmissionOutcome> storing = Task.Run(
                    async () =>
                    {
                        try
                        {
                            return await StoreAsync(item, acceptsCutEnd, origin, cancellationToken).ConfigureAwait(false);
                        }
                        finally
                        {
                            budget.Return(taken);
                        }
                    },
                    CancellationToken.None);
                earlier.Add(storing);
                inFlight.TryWrite(storing); // there is a place, and nobody else writes
            }

            inFlight.Complete();
        }
        catch (Exception e)
        {
            inFlight.Complete(e);
        }
    }

    private async Task<SubmissionOutcome> StoreAsync(
        KeyringItem item, bool acceptsCutEnd, SubmissionOrigin origin, CancellationToken cancellationToken)
    {
        if (item.TryRead(_limits, acceptsCutEnd, out Certificate certificate, out SubmissionOutcome rejection))
            return await _ingest.StoreAsync(certificate, origin, cancellationToken).ConfigureAwait(false);
        if (rejection.Reason == RejectionReason.StandaloneRevocation && BareRevocation.TryRead(item.Bytes, out IReadOnlyList<(Packet Packet, KeyId Issuer)> revocations))
            return await _revocations.StoreAsync(revocations, origin, cancellationToken).ConfigureAwait(false);
        _metrics.Count(origin.Source, rejection);
        return rejection;
    }

    private SubmissionOutcome Reject(RejectionReason reason, SubmissionOrigin origin)
    {
        SubmissionOutcome outcome = SubmissionOutcome.Rejected(reason);
        _metrics.Count(origin.Source, outcome);
        return outcome;
    }
}
