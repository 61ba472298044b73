using System.Collections.Concurrent;
using System.Net;
using System.Runtime.ExceptionServices;
using Sks.Node.Peers;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.HkpAdapter.Recon;

/// <summary>Fetches what sessions have found that only peers have.</summary>
/// <remarks>
/// In bundles, as SKS does; of a bundle that breaks off, what has arrived is kept, and the rest is fetched one by one when it is offered again, so that
/// a certificate that breaks answers cannot keep others away. A peer that cannot be reached is asked once, and one that fails otherwise three times in a
/// row; the rest waits for the next session. One fetch per peer at a time: what a session finds meanwhile is found again by the next.
/// Two peers may be asked for the same thing, as either of them may never answer.
/// </remarks>
internal sealed class Recovery(ReconContext recon) : IDisposable
{
    private const int MaxFailuresInARow = 3;
    private const int MaxStoring = 32;
    private const int MaxBytesStoring = 16 << 20;
    private const int MaxCertificateBytes = 64 << 20;
    private const long MaxAnswerBytes = 256L << 20;

    private readonly HashQueryClient _client = new();
    private readonly ConcurrentDictionary<string, bool> _underWay = new(StringComparer.Ordinal);

    /// <summary>Fetches what is missing, and stores it. Does nothing while an earlier fetch from the peer is under way.</summary>
    /// <param name="peer">Name of the peer.</param>
    /// <param name="hkp">Where the peer serves HKP.</param>
    /// <param name="offered">What only the peer has.</param>
    /// <param name="isComplete">Whether that is all that only the peer has.</param>
    /// <param name="cancellationToken">Gives up; what is stored by then is.</param>
    /// <exception cref="HttpRequestException">The peer did not answer, or not with success.</exception>
    /// <exception cref="IOException">An answer broke off or took too long.</exception>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task RunAsync(string peer, IPEndPoint hkp, IReadOnlyCollection<SksDigest> offered, bool isComplete, CancellationToken cancellationToken)
    {
        if (!_underWay.TryAdd(peer, true))
            return;
        try
        {
            PeerReconciliation reconciliation = recon.With(peer);
            RecoveryPlan plan = reconciliation.Plan(offered, isComplete);
            if (plan.Fresh.Count + plan.Suspects.Count == 0)
                return;
            HkpLog.ReconFetching(recon.Logger, peer, plan.Fresh.Count, plan.Suspects.Count);
            await RunAsync(new Source(peer, hkp, reconciliation), plan, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _underWay.TryRemove(peer, out _);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task RunAsync(Source source, RecoveryPlan plan, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        int failuresInARow = 0;
        IEnumerable<SksDigest[]> bundles = plan.Fresh.Chunk(recon.Options.FetchSize)
            .Concat(plan.Suspects.TakeWhile(_ => source.Reconciliation.MayFetchSuspect()).Select(static suspect => (SksDigest[])[suspect]));
        foreach (SksDigest[] bundle in bundles)
        {
            Exception? failed = await TryFetchAsync(source, bundle, cancellationToken).ConfigureAwait(false);
            failure = failed ?? failure;
            failuresInARow = failed is null ? 0 : failuresInARow + 1;
            bool isOutOfReach = failed is HttpRequestException { StatusCode: null };
            if (isOutOfReach || failuresInARow == MaxFailuresInARow)
                break;
        }

        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
    }

    // Why it failed, or null.
    private async Task<Exception?> TryFetchAsync(Source source, SksDigest[] digests, CancellationToken cancellationToken)
    {
        try
        {
            await FetchAsync(source, digests, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            HkpLog.ReconFetchFailed(recon.Logger, source.Peer, digests.Length, e.Message);
            return e;
        }
    }

    private async Task FetchAsync(Source source, SksDigest[] digests, CancellationToken cancellationToken)
    {
        var settled = new ConcurrentDictionary<SksDigest, bool>();
        bool isAnswered = false;
        long bytes = 0;
        try
        {
            using HttpResponseMessage response = await AskAsync(source.Hkp, digests, cancellationToken).ConfigureAwait(false);
            isAnswered = true;
            Stream body = await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var answer = new HashQueryAnswer(body, digests.Length, MaxCertificateBytes, MaxAnswerBytes);
            try
            {
                await StoreAllAsync(answer, source, digests.ToHashSet(), settled, cancellationToken).ConfigureAwait(false);
            }
            catch (StorageException)
            {
                // That is not the peer's doing.
                isAnswered = false;
                throw;
            }
            finally
            {
                bytes = answer.Bytes;
            }
        }
        finally
        {
            recon.Node.Peers.Update(source.Peer, status => status with { BytesReceived = status.BytesReceived + bytes });

            // Something asked for may be what breaks an answer. What has not arrived is asked for singly from now on, but not for a peer's being out of
            // reach, nor for this node's stopping.
            if (isAnswered && !cancellationToken.IsCancellationRequested)
            {
                source.Reconciliation.NoteMissing(digests, settled.Keys.ToHashSet());
                if (digests is [var suspect])
                    source.Reconciliation.NoteSuspect(suspect, bytes);
            }
        }
    }

    private async Task<HttpResponseMessage> AskAsync(IPEndPoint hkp, SksDigest[] digests, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(recon.Options.FetchTimeout, recon.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await _client.AskAsync(hkp, recon.Dialer.FindSource(hkp.Address), digests, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("the peer did not answer in time");
        }
    }

    // The time is the peer's for reading; what storing takes is not its fault.
    private async Task StoreAllAsync(
        HashQueryAnswer answer,
        Source source,
        HashSet<SksDigest> requested,
        ConcurrentDictionary<SksDigest, bool> settled,
        CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(recon.Options.FetchTimeout, recon.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        List<Storing> storing = [];
        try
        {
            await foreach (ReadOnlyMemory<byte> certificate in answer.ReadAsync(either.Token).ConfigureAwait(false))
            {
                await MakeRoomAsync(storing).ConfigureAwait(false);
                storing.Add(new Storing(certificate.Length, StoreAsync(certificate)));
            }
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new IOException("the peer did not finish its answer in time");
        }
        finally
        {
            await Task.WhenAll(storing.Select(static one => one.Task)).ConfigureAwait(false);
        }

        async Task StoreAsync(ReadOnlyMemory<byte> certificate)
        {
            // Off the reading loop: verifying is the larger part.
            await Task.Yield();
            if (await source.Reconciliation.TakeAsync(certificate, requested, cancellationToken).ConfigureAwait(false) is { } digest)
                settled.TryAdd(digest, true);
        }
    }

    private static async Task MakeRoomAsync(List<Storing> storing)
    {
        while (storing.Count >= MaxStoring || (storing.Count > 0 && storing.Sum(static one => (long)one.Bytes) > MaxBytesStoring))
        {
            Task done = await Task.WhenAny(storing.Select(static one => one.Task)).ConfigureAwait(false);
            await done.ConfigureAwait(false);
            storing.RemoveAll(one => one.Task == done);
        }
    }

    private sealed record Source(string Peer, IPEndPoint Hkp, PeerReconciliation Reconciliation);

    private sealed record Storing(int Bytes, Task Task);
}
