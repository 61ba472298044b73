using System.Collections.Concurrent;
using System.Security.Cryptography;
using Sks.Storage;

namespace Sks.HkpAdapter.Recon;

/// <summary>Contacts peers, one chosen at random after each interval, as SKS does.</summary>
/// <remarks>
/// The interval varies by 5 %. A round goes on beside the next one, so that one slow peer does not hold up the others, but there is never more than one
/// with the same peer. A peer with which nothing works is left alone for a while.
/// </remarks>
/// <param name="recon">Everything about reconciliation.</param>
/// <param name="sessions">Holds the sessions.</param>
internal sealed class Gossip(ReconContext recon, PeerSessions sessions)
{
    private const double Jitter = 0.05;

    private readonly ConcurrentDictionary<string, PeerBreaker> _breakers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task> _rounds = new(StringComparer.Ordinal);

    /// <summary>Gossips until it is cancelled, and returns when the last round has ended.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                TimeSpan pause = recon.Options.Interval * (1 + (Jitter * ((2 * NextRandom()) - 1)));
                NotePlans(recon.Time.GetUtcNow() + pause);
                await Task.Delay(pause, recon.Time, cancellationToken).ConfigureAwait(false);
                await SettleAsync(cancellationToken).ConfigureAwait(false);
                if (Choose() is { } member)
                    _rounds[member.Peer.Name] = RunRoundAsync(member, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Task.WhenAll(_rounds.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        try
        {
            await recon.Dialects.SettleAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException)
        {
            // The next round tries again; a store that closes ends this loop by itself.
        }
    }

    // From 0 up to 1. Where peers are concerned, nobody shall foresee whom this node turns to next.
    private static double NextRandom() => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue;

    private Member? Choose()
    {
        List<Member> idle = [.. recon.Membership.Reachable.Where(member => !IsBusy(member) && !BreakerOf(member).IsOpen)];
        return idle.Count == 0 ? null : idle[RandomNumberGenerator.GetInt32(idle.Count)];
    }

    private bool IsBusy(Member member) => _rounds.TryGetValue(member.Peer.Name, out Task? round) && !round.IsCompleted;

    private PeerBreaker BreakerOf(Member member) =>
        _breakers.GetOrAdd(member.Peer.Name, _ => new PeerBreaker(recon.Options.Interval, recon.Time, NextRandom));

    private void NotePlans(DateTimeOffset nextRound)
    {
        foreach (Member member in recon.Membership.Reachable)
        {
            DateTimeOffset at = BreakerOf(member).Until is { } until && until > nextRound ? until : nextRound;
            recon.Node.Peers.Update(member.Peer.Name, status => status with { NextAttempt = at });
        }
    }

    private async Task RunRoundAsync(Member member, CancellationToken cancellationToken)
    {
        // Leaves the loop alone, whatever a round takes.
        await Task.Yield();
        try
        {
            await BreakerOf(member).RunAsync(token => sessions.ContactAsync(member, token), cancellationToken).ConfigureAwait(false);
        }
        catch (PeerFailedException)
        {
            // Noted where it happened, and counted by the breaker.
        }
        catch (StorageException e)
        {
            HkpLog.ReconStoreFailed(recon.Logger, member.Peer.Name, e.Kind);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            // One round must not end the gossip of a node that runs for years.
            HkpLog.ReconFailed(recon.Logger, member.Peer.Name, e.GetType().Name, e.StackTrace);
        }
    }
}
