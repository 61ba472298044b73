using System.Collections.Concurrent;
using System.Net;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Sks.Node.Peers;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.HkpAdapter.Recon;

/// <summary>Fetches what sessions have found that only peers have.</summary>
/// <remarks>
/// In bundles, as SKS does; of a bundle that breaks off, what has arrived is kept, and the rest is fetched one by one when it is offered again, so that
/// a certificate that breaks answers cannot keep others away. A peer that cannot be reached, or refuses, is asked once, and one that fails otherwise three
/// times in a row; the rest waits for the next session. One fetch per peer at a time, and nothing is fetched from two peers at once.
/// </remarks>
internal sealed class Recovery(ReconContext recon) : IDisposable
{
    private const int MaxFailuresInARow = 3;
    private const int MaxStoring = 32;
    private const int MaxBytesStoring = 16 << 20;
    private const int MaxCertificateBytes = 64 << 20;
    private const long MaxAnswerBytes = 256L << 20;

    private readonly HashQueryClient _client = new();
    private readonly ConcurrentDictionary<SksDigest, bool> _underWay = [];
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);

    /// <summary>Fetches what is missing, and stores it.</summary>
    /// <param name="peer">Name of the peer.</param>
    /// <param name="hkp">Where the peer serves HKP.</param>
    /// <param name="offered">What only the peer has.</param>
    /// <param name="isComplete">Whether that is all that only the peer has.</param>
    /// <param name="cancellationToken">Gives up; what is stored by then is.</param>
    /// <exception cref="HttpRequestException">The peer did not answer, or not with success.</exception>
    /// <exception cref="IOException">An answer broke off or took too long. Other bundles were tried all the same.</exception>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task RunAsync(string peer, IPEndPoint hkp, IReadOnlyCollection<SksDigest> offered, bool isComplete, CancellationToken cancellationToken)
    {
        SemaphoreSlim turn = _turns.GetOrAdd(peer, static _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            PeerReconciliation reconciliation = recon.With(peer);
            RecoveryPlan plan = reconciliation.Plan(offered, isComplete);
            if (plan.Fresh.Count + plan.Suspects.Count > 0)
                HkpLog.ReconFetching(recon.Logger, peer, plan.Fresh.Count, plan.Suspects.Count);
            Exception? failure = null;
            int failuresInARow = 0;
            foreach (SksDigest[] bundle in plan.Fresh.Chunk(recon.Options.FetchSize).Concat(Singly(plan.Suspects, reconciliation)))
            {
                Exception? failed = await TryFetchAsync(peer, hkp, bundle, reconciliation, cancellationToken).ConfigureAwait(false);
                failure = failed ?? failure;
                failuresInARow = failed is null ? 0 : failuresInARow + 1;
                if (failuresInARow == MaxFailuresInARow || IsRefusal(failed))
                    break;
            }

            if (failure is not null)
                ExceptionDispatchInfo.Throw(failure);
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => _client.Dispose();

    // In another order each time, lest a few that always fail keep the others away.
    private static IEnumerable<SksDigest[]> Singly(IReadOnlyList<SksDigest> suspects, PeerReconciliation reconciliation)
    {
        SksDigest[] shuffled = [.. suspects];
        RandomNumberGenerator.Shuffle(shuffled.AsSpan());
        return shuffled.TakeWhile(_ => reconciliation.MayFetchSuspect()).Select(static suspect => new[] { suspect });
    }

    // Whether nothing else that the peer is asked for now would do better. An internal error may be due to what was asked for.
    private static bool IsRefusal(Exception? failure) => failure is HttpRequestException { StatusCode: null or < HttpStatusCode.InternalServerError };

    // Why it failed, or null. What may be to blame for it is asked for singly from then on.
    private async Task<Exception?> TryFetchAsync(
        string peer, IPEndPoint hkp, SksDigest[] digests, PeerReconciliation reconciliation, CancellationToken cancellationToken)
    {
        SksDigest[] mine = [.. digests.Where(digest => _underWay.TryAdd(digest, true))];
        using var timeout = new CancellationTokenSource(recon.Options.FetchTimeout, recon.Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            if (mine.Length > 0)
                await FetchAsync(peer, hkp, mine, reconciliation, stop.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            if (e is HttpRequestException && !IsRefusal(e))
                reconciliation.NoteMissing(mine, new HashSet<SksDigest>());
            HkpLog.ReconFetchFailed(recon.Logger, peer, mine.Length, e.Message);
            return e;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            var e = new IOException($"the peer took longer than {recon.Options.FetchTimeout} to answer");
            reconciliation.NoteMissing(mine, new HashSet<SksDigest>());
            HkpLog.ReconFetchFailed(recon.Logger, peer, mine.Length, e.Message);
            return e;
        }
        finally
        {
            foreach (SksDigest digest in mine)
                _underWay.TryRemove(digest, out _);
        }
    }

    private async Task FetchAsync(
        string peer, IPEndPoint hkp, SksDigest[] digests, PeerReconciliation reconciliation, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response =
            await _client.AskAsync(hkp, recon.Dialer.FindSource(hkp.Address), digests, cancellationToken).ConfigureAwait(false);
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var answer = new HashQueryAnswer(body, digests.Length, MaxCertificateBytes, MaxAnswerBytes);
        var requested = digests.ToHashSet();
        var settled = new ConcurrentDictionary<SksDigest, bool>();
        List<Storing> storing = [];
        try
        {
            await foreach (ReadOnlyMemory<byte> certificate in answer.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                await MakeRoomAsync(storing).ConfigureAwait(false);
                storing.Add(new Storing(certificate.Length, StoreAsync(certificate)));
            }

            await Task.WhenAll(storing.Select(static one => one.Task)).ConfigureAwait(false);
            reconciliation.NoteMissing(digests, settled.Keys.ToHashSet());
        }
        catch (IOException)
        {
            // Something in it may be what breaks the answer: what has not arrived is asked for singly from now on.
            await Task.WhenAll(storing.Select(static one => one.Task)).ConfigureAwait(false);
            reconciliation.NoteMissing(digests, settled.Keys.ToHashSet());
            throw;
        }
        finally
        {
            await Task.WhenAll(storing.Select(static one => one.Task)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            recon.Node.Peers.Update(peer, status => status with { BytesReceived = status.BytesReceived + answer.Bytes });
        }

        async Task StoreAsync(ReadOnlyMemory<byte> certificate)
        {
            // Off the reading loop: verifying is the larger part.
            await Task.Yield();
            if (await reconciliation.TakeAsync(certificate, requested, cancellationToken).ConfigureAwait(false) is { } digest)
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

    private sealed record Storing(int Bytes, Task Task);
}
