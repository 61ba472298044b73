using System.Collections.Concurrent;
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
    // Why fetching from a peer failed last, until it works again: sessions that come to their end in between do not make that good.
    private readonly ConcurrentDictionary<string, string> _fetchErrors = new(StringComparer.Ordinal);

    /// <summary>Contacts a peer, and fetches what only the peer has.</summary>
    /// <exception cref="PeerFailedException">That did not work; it is noted.</exception>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task ContactAsync(Member member, CancellationToken cancellationToken)
    {
        string peer = member.Peer.Name;
        var endPoint = new IPEndPoint(member.Addresses[RandomNumberGenerator.GetInt32(member.Addresses.Count)], member.Peer.Port);
        ReconOutcome outcome;
        try
        {
            await using OutgoingRecon outgoing = await recon.Dialer.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            outcome = await RunAsync(peer, outgoing.Connection, PeerRole.Initiator, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            NoteFailure(peer, e.Message);
            throw new PeerFailedException(e.Message, e);
        }

        Exception? fetching = await RecoverAsync(peer, endPoint.Address, outcome, cancellationToken).ConfigureAwait(false);

        // Busy peers and strangers' doors are closed without a word: that says nothing about the next time.
        string? failure = fetching?.Message ?? (outcome.BytesReceived == 0 ? null : outcome.Failure);
        if (failure is not null)
            throw new PeerFailedException(failure, fetching);
    }

    /// <summary>Answers a peer that has made contact. Returns when the session has ended; what it found is fetched afterwards.</summary>
    /// <returns>What is left to do: fetching.</returns>
    /// <exception cref="StorageException">The store is closing.</exception>
    public async Task<Task> AnswerAsync(IncomingRecon incoming, CancellationToken cancellationToken)
    {
        ReconOutcome outcome = await RunAsync(incoming.Peer, incoming.Connection, PeerRole.Responder, cancellationToken).ConfigureAwait(false);
        return RecoverAsync(incoming.Peer, incoming.Address, outcome, cancellationToken);
    }

    // The connection is left without a byte while the store is being repaired: peers take that for busy.
    private async Task<ReconOutcome> RunAsync(string peer, ReconConnection connection, PeerRole role, CancellationToken cancellationToken)
    {
        using ReconciliationSnapshot? snapshot = await recon.With(peer).TakeSnapshotAsync(cancellationToken).ConfigureAwait(false);
        if (snapshot is null)
            return new ReconOutcome(null, null, "the store is being repaired", 0, 0);
        SessionLimits limits = recon.Options.ToSessionLimits();
        ReconOutcome outcome = await connection.RunAsync(
            recon.Own,
            _ => role == PeerRole.Initiator ? new InitiatorSession(snapshot.Tree, limits) : new ResponderSession(snapshot.Tree, limits),
            cancellationToken).ConfigureAwait(false);
        Note(peer, role, outcome);
        return outcome;
    }

    // Why fetching failed, or null.
    private async Task<Exception?> RecoverAsync(string peer, IPAddress address, ReconOutcome outcome, CancellationToken cancellationToken)
    {
        if (outcome is not { Session: { } session, Peer: { } settings })
            return null;
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
            NoteFailure(peer, _fetchErrors[peer] = $"fetching: {e.Message}");
            return e;
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotWritable)
        {
            NoteFailure(peer, _fetchErrors[peer] = $"fetching: {e.Message.TrimEnd('.')}");
            throw;
        }
    }

    private void Note(string peer, PeerRole role, ReconOutcome outcome)
    {
        DateTimeOffset now = recon.Time.GetUtcNow();
        bool isSuccess = outcome.Failure is null;
        int found = outcome.Session?.RemoteOnly.Count ?? 0;
        string? error = outcome.Failure ?? _fetchErrors.GetValueOrDefault(peer);
        recon.Node.Peers.Update(peer, status => status with
        {
            LastContact = now,
            LastRole = role,
            LastSuccess = isSuccess ? now : status.LastSuccess,
            LastError = error,
            Sessions = status.Sessions + (isSuccess ? 1 : 0),
            Errors = status.Errors + (isSuccess ? 0 : 1),
            LastDifferences = outcome.Session is null ? status.LastDifferences : found,
            Differences = status.Differences + found,
            BytesReceived = status.BytesReceived + outcome.BytesReceived,
            BytesSent = status.BytesSent + outcome.BytesSent,
        });
        if (isSuccess)
            HkpLog.ReconSession(recon.Logger, peer, PeerText.Of(role), found);
        else if (outcome.BytesReceived == 0)
            HkpLog.ReconPeerBusy(recon.Logger, peer);
        else
            HkpLog.ReconSessionFailed(recon.Logger, peer, PeerText.Of(role), outcome.Failure!);
    }

    private void NoteFailure(string peer, string error)
    {
        recon.Node.Peers.Update(peer, status => status with { LastError = error, Errors = status.Errors + 1 });
        HkpLog.ReconSessionFailed(recon.Logger, peer, PeerText.Of(PeerRole.Initiator), error);
    }
}
