using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Sks.Node.Peers;
using Sks.OpenPgp;
using Sks.Reconciliation.Sessions;
using Sks.Storage;

namespace Sks.HkpAdapter.Recon;

/// <summary>Holds sessions with peers, in both roles, notes how they went, and has fetched what they found.</summary>
internal sealed class PeerSessions(ReconContext recon, Recovery recovery)
{
    private const string NotWritable = "nothing can be stored: the disk is full, or cannot be written";

    // Why fetching from a peer failed last, until it works again: sessions that come to their end in between do not make that good.
    private readonly ConcurrentDictionary<string, string> _fetchErrors = new(StringComparer.Ordinal);

    /// <summary>Contacts a peer, and fetches what only the peer has.</summary>
    /// <returns>
    /// False when that says nothing about the next time: the peer closed the connection without a word, as it is busy or does not know this node; or it was
    /// not contacted, because nothing can be stored here.
    /// </returns>
    /// <exception cref="PeerFailedException">That did not work; it is noted.</exception>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task<bool> ContactAsync(Member member, CancellationToken cancellationToken)
    {
        string peer = member.Peer.Name;
        if (!recon.Node.IsWritable)
        {
            NoteFailure(peer, PeerRole.Initiator, NotWritable);
            return false;
        }

        if (recon.Dialects.Of(peer).View is { } view && !recon.Node.Dialects.Complete.Contains(view))
        {
            NoteBuilding(peer);
            return false;
        }

        IReadOnlyList<IPAddress> addresses = recon.Dialer.Usable(member.Addresses);
        var endPoint = new IPEndPoint(addresses[RandomNumberGenerator.GetInt32(addresses.Count)], member.Peer.Port);
        ReconOutcome outcome;
        try
        {
            await using OutgoingRecon outgoing = await recon.Dialer.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            outcome = await RunAsync(peer, outgoing.Connection, PeerRole.Initiator, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            NoteFailure(peer, PeerRole.Initiator, e.Message);
            throw new PeerFailedException(e.Message, e);
        }

        Exception? fetching = await RecoverAsync(peer, PeerRole.Initiator, endPoint.Address, outcome, cancellationToken).ConfigureAwait(false);
        if (outcome.IsBusy)
            return false;
        return (fetching?.Message ?? outcome.Failure) is { } failure ? throw new PeerFailedException(failure, fetching) : true;
    }

    /// <summary>Answers a peer that has made contact. Returns when the session has ended; what it found is fetched afterwards.</summary>
    /// <returns>What is left to do: fetching.</returns>
    /// <exception cref="StorageException">The store is closing.</exception>
    public async Task<Task> AnswerAsync(IncomingRecon incoming, CancellationToken cancellationToken)
    {
        try
        {
            ReconOutcome outcome = await RunAsync(incoming.Peer, incoming.Connection, PeerRole.Responder, cancellationToken).ConfigureAwait(false);
            return RecoverAsync(incoming.Peer, PeerRole.Responder, incoming.Address, outcome, cancellationToken);
        }
        catch (IOException e)
        {
            NoteFailure(incoming.Peer, PeerRole.Responder, e.Message);
            return Task.CompletedTask;
        }
    }

    private async Task<ReconOutcome> RunAsync(string peer, ReconConnection connection, PeerRole role, CancellationToken cancellationToken)
    {
        ReconDialect dialect = recon.Dialects.Of(peer);
        bool isBuilding = dialect.View is { } view && !recon.Node.Dialects.Complete.Contains(view);
        PeerReconciliation reconciliation = recon.With(peer);
        await reconciliation.PrepareAsync(cancellationToken).ConfigureAwait(false);
        SessionLimits limits = recon.Options.ToSessionLimits(dialect);
        ReconConfiguration own = recon.Own.For(dialect) with { Busy = isBuilding ? ReconConnection.BusyReason : null };
        ReconciliationSnapshot? snapshot = null;
        ReconOutcome outcome;
        try
        {
            outcome = await connection.RunAsync(own, _ => Begin(), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            snapshot?.Dispose();
        }

        Note(peer, role, outcome);
        if (outcome.Session is null && outcome.Filters is { } filters)
            await recon.Dialects.LearnAsync(peer, filters, cancellationToken).ConfigureAwait(false);
        return outcome;

        // Not before the peer has shown that it speaks the protocol: the snapshot costs something.
        ReconciliationSession Begin()
        {
            snapshot = reconciliation.TakeSnapshot() ?? throw new IOException("the store is being repaired");
            return role == PeerRole.Initiator ? new InitiatorSession(snapshot.Tree, limits) : new ResponderSession(snapshot.Tree, limits);
        }
    }

    // Why fetching failed, or null.
    private async Task<Exception?> RecoverAsync(
        string peer, PeerRole role, IPAddress address, ReconOutcome outcome, CancellationToken cancellationToken)
    {
        if (outcome is not { Session: { } session, Peer: { } settings })
            return null;
        if (!recon.Node.IsWritable)
        {
            NoteFailure(peer, role, NotWritable);
            return null;
        }

        try
        {
            await recovery.RunAsync(
                peer,
                new IPEndPoint(address, settings.HttpPort),
                [.. session.RemoteOnly.Select(static element => new SksDigest(element.Value))],
                isComplete: session.End == SessionEnd.Completed,
                cancellationToken).ConfigureAwait(false);
            if (_fetchErrors.TryRemove(peer, out string? settled))
                recon.Node.Peers.Update(peer, status => status with { LastError = status.LastError == settled ? null : status.LastError });
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            NoteFailure(peer, role, _fetchErrors[peer] = $"fetching: {e.Message}");
            return e;
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotWritable)
        {
            NoteFailure(peer, role, _fetchErrors[peer] = $"fetching: {e.Message.TrimEnd('.')}");
            throw;
        }
    }

    private void Note(string peer, PeerRole role, ReconOutcome outcome)
    {
        DateTimeOffset now = recon.Time.GetUtcNow();
        bool isSuccess = outcome.Failure is null;
        bool isBusy = outcome.IsBusy;
        int found = outcome.Session?.RemoteOnly.Count ?? 0;
        string? error = outcome.Failure ?? _fetchErrors.GetValueOrDefault(peer);
        recon.Node.Peers.Update(peer, status => status with
        {
            LastContact = now,
            LastRole = role,
            LastSuccess = isSuccess ? now : status.LastSuccess,
            LastError = error,
            Sessions = status.Sessions + (isSuccess ? 1 : 0),
            Errors = status.Errors + (isSuccess || isBusy ? 0 : 1),
            LastDifferences = outcome.Session is null ? status.LastDifferences : found,
            Differences = status.Differences + found,
            BytesReceived = status.BytesReceived + outcome.BytesReceived,
            BytesSent = status.BytesSent + outcome.BytesSent,
        });
        if (isSuccess)
            HkpLog.ReconSession(recon.Logger, peer, PeerText.Of(role), found);
        else if (isBusy)
            HkpLog.ReconPeerBusy(recon.Logger, peer);
        else
            HkpLog.ReconSessionFailed(recon.Logger, peer, PeerText.Of(role), outcome.Failure!);
    }

    // Nothing is wrong: it only takes its time.
    private void NoteBuilding(string peer)
    {
        ViewMigrationProgress progress = recon.Node.Dialects.Progress;
        string state = string.Create(
            CultureInfo.InvariantCulture, $"{recon.Dialects.Of(peer).Name} is being brought in: {progress.Done} of {progress.Total} certificates");
        recon.Node.Peers.Update(peer, status => status with { LastError = state });
    }

    private void NoteFailure(string peer, PeerRole role, string error)
    {
        recon.Node.Peers.Update(peer, status => status with { LastError = error, Errors = status.Errors + 1 });
        HkpLog.ReconSessionFailed(recon.Logger, peer, PeerText.Of(role), error);
    }
}
