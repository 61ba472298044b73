using Sks.Node;
using Sks.Node.Links;
using Sks.Peer.V1;
using Sks.Reconciliation.Sketches;
using Sks.Storage;
using RefusalReason = Sks.Node.Links.RefusalReason;

namespace Sks.Grpc.Peers;

/// <content>What happens between the hellos and the end.</content>
internal sealed partial class PeerSession
{
    private const long MaxAhead = 32 * 1024;
    private static readonly TimeSpan NoteInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TakerPatience = TimeSpan.FromSeconds(1);

    private TaskCompletionSource<ulong>? _pong;
    private long _ping;
    private ulong _followed;
    private long _given;
    private long _announced;

    /// <summary>Asks the peer whether it is alive.</summary>
    /// <returns>Whether it has answered in time.</returns>
    public async Task<bool> IsAliveAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var pong = new TaskCompletionSource<ulong>(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _pong, pong);
        try
        {
            _outbox.Post(new SyncMessage { Ping = new Ping { Number = (ulong)Interlocked.Increment(ref _ping) } });
            Task answered = await Task.WhenAny(pong.Task, Ended).WaitAsync(patience, _context.Time, cancellationToken).ConfigureAwait(false);
            return answered == pong.Task;
        }
        catch (Exception e) when (e is TimeoutException or PeerProtocolException)
        {
            return false;
        }
    }

    private async Task ServeAsync(SyncInbox inbox, Task sending, IMessageStream<FetchMessage> stream, int policyVersion)
    {
        FetchSettlement settlement = new(Link, _outbox, NoteRecovered);
        var fetch = new FetchPump(_links.Offers, _links.Intake, policyVersion, Link.Peer, stream, settlement.Post, _context.Logger, _context.Time);
        var sent = new SentAnnouncements();
        var announcer = new ChangeAnnouncer(_context.Node.Changes, Link, policyVersion, sent, _outbox);
        using var wants = new WantQueue(_links, Link, policyVersion, fetch, _outbox, announcer.NoteHeldThere);
        var exchanges = new ExchangeDriver(Link, policyVersion, _outbox, _budget, _context.Options.Timeout, _context.Time);
        var restrictions = new RestrictionExchange(_links.Restrictions, Link.Peer, _outbox);
        var reader = new SyncReader(wants, announcer, exchanges, restrictions, fetch, sent, Link, AnswerPing, NoteRefused);

        CancellationToken stop = _stop.Token;
        List<Task> loops =
        [
            ReadAsync(inbox, reader, stop),
            fetch.RunAsync(stop),
            settlement.RunAsync(wants, stop),
            announcer.RunAsync(new ChangeCursor(Hello.Incarnation, Hello.Sequence), stop),
            _role == Node.Peers.PeerRole.Initiator ? CompareAsync(exchanges, wants, announcer, fetch, stop) : exchanges.AnswerAsync(NoteCompared, stop),
            restrictions.TakeAsync(stop),
            restrictions.GiveAsync(Theirs!.Restrictions, stop),
            NoteAsync(fetch, inbox, reader, stop),
            WatchAsync(fetch, stop),
            _outbox.Overflow,
        ];
        try
        {
            await await Task.WhenAny(loops.Prepend(sending)).ConfigureAwait(false);
        }
        catch (CursorOutOfRangeException)
        {
            throw new PeerRefusedException(ErrorCode.Busy, "the change log does not go on: compare anew");
        }
        finally
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(loops.SkipLast(1)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            NoteProgress(fetch, inbox);
            await NoteCursorAsync(reader).ConfigureAwait(false);
        }
    }

    private static async Task ReadAsync(SyncInbox inbox, SyncReader reader, CancellationToken cancellationToken)
    {
        while (await inbox.ReadAsync(cancellationToken).ConfigureAwait(false) is { } message)
            await reader.TakeAsync(message, cancellationToken).ConfigureAwait(false);
    }

    private async Task CompareAsync(
        ExchangeDriver exchanges, WantQueue wants, ChangeAnnouncer announcer, FetchPump fetch, CancellationToken cancellationToken)
    {
        int failures = 0;
        while (true)
        {
            ExchangeResult result = await exchanges.BeginAsync(
                (difference, token) => HandleAsync(difference, wants, announcer, fetch, token), cancellationToken).ConfigureAwait(false);
            NoteCompared(result);
            failures = result.End == ExchangeEnd.Failed ? failures + 1 : 0;
            if (failures >= 2 || IsKeyOld)
                throw new PeerRefusedException(ErrorCode.NewKey, "a new link key is due");
            await Task.Delay(_context.Options.CompareInterval, _context.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task HandleAsync(
        SketchDifference difference, WantQueue wants, ChangeAnnouncer announcer, FetchPump fetch, CancellationToken cancellationToken)
    {
        foreach (ulong[] part in difference.MissingHere.Chunk(DigestPrefixes.MaxCount))
        {
            await wants.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
            wants.Add(part);
        }

        // What is a phantom here and only here, the peer has no more.
        List<ulong> phantoms = [.. difference.OnlyHere.Where(Link.IsPhantom)];
        if (phantoms.Count > 0)
            await DropPhantomsAsync(phantoms, cancellationToken).ConfigureAwait(false);
        foreach (ulong[] part in difference.OnlyHere.Except(phantoms).Chunk(DigestPrefixes.MaxCount))
        {
            await WaitForTakerAsync(fetch, cancellationToken).ConfigureAwait(false);
            _announced += part.Length;
            await announcer.AnnounceAsync(part, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task DropPhantomsAsync(List<ulong> phantoms, CancellationToken cancellationToken)
    {
        try
        {
            await Link.DropPhantomsAsync(phantoms, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotWritable)
        {
            // The next exchange finds them again.
        }
    }

    // Does not tell an empty peer of more than it can note at once, as long as it goes on taking.
    private async Task WaitForTakerAsync(FetchPump fetch, CancellationToken cancellationToken)
    {
        while (_announced - fetch.Given > MaxAhead)
        {
            long before = fetch.Given;
            await Task.Delay(TakerPatience, _context.Time, cancellationToken).ConfigureAwait(false);
            if (fetch.Given == before)
                _announced = before;
        }
    }

    private void AnswerPing(Ping ping)
    {
        if (!ping.Answer)
            _outbox.Post(new SyncMessage { Ping = new Ping { Number = ping.Number, Answer = true } });
        else if (ping.Number == (ulong)Interlocked.Read(ref _ping))
            Volatile.Read(ref _pong)?.TrySetResult(ping.Number);
    }

    private void NoteRecovered() =>
        _context.Node.Peers.TryUpdate(Link.Peer.ToString(), static status => status with { Recovered = status.Recovered + 1 });

    private void NoteRefused(RefusalReason reason, int count) => _context.Node.Peers.TryUpdate(
        Link.Peer.ToString(), status => status with { Refused = status.Refused.SetItem(reason, status.Refused.GetValueOrDefault(reason) + count) });

    private void NoteCompared(ExchangeResult result)
    {
        DateTimeOffset now = _context.Time.GetUtcNow();
        bool isDone = result.End is ExchangeEnd.Equal or ExchangeEnd.Decoded;
        PeerSessionLog.Compared(_context.Logger, Link.Peer, result.End, result.MissingHere, result.OnlyHere, result.UsedBuckets);
        _context.Node.Peers.TryUpdate(Link.Peer.ToString(), status => status with
        {
            LastContact = now,
            LastSuccess = isDone ? now : status.LastSuccess,
            LastError = isDone ? null : "exchange: " + result.Reason,
            Sessions = status.Sessions + (isDone ? 1 : 0),
            Errors = status.Errors + (isDone ? 0 : 1),
            LastDifferences = result.MissingHere,
            Differences = status.Differences + result.MissingHere,
        });
    }

    // Now and then, as each costs a write, and at the end.
    private async Task NoteAsync(FetchPump fetch, SyncInbox inbox, SyncReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(NoteInterval, _context.Time, cancellationToken).ConfigureAwait(false);
            NoteProgress(fetch, inbox);
            await NoteCursorAsync(reader).ConfigureAwait(false);
            if (!_links.PolicyVersions.SequenceEqual(Hello.PolicyVersions.Select(static version => (int)version)))
                throw new PeerRefusedException(ErrorCode.Busy, "the policies have changed: agree anew");
        }
    }

    // What a peer keeps back, others must not be kept from giving.
    private async Task WatchAsync(FetchPump fetch, CancellationToken cancellationToken)
    {
        while (!fetch.HasWaitedSince(2 * _context.Options.Timeout))
            await Task.Delay(_context.Options.Timeout, _context.Time, cancellationToken).ConfigureAwait(false);
        throw new PeerProtocolException("does not give what was wanted of it");
    }

    private void NoteProgress(FetchPump fetch, SyncInbox inbox)
    {
        long now = fetch.Given;
        long given = Interlocked.Exchange(ref _given, now);
        _context.Node.Peers.TryUpdate(Link.Peer.ToString(), status => status with { Sent = status.Sent + now - given });
        PeerSessionLog.Traffic(_context.Logger, Link.Peer, inbox.Received, _outbox.Sent, fetch.Bytes.Received, fetch.Bytes.Sent);
    }

    private async Task NoteCursorAsync(SyncReader reader)
    {
        ulong sequence = Math.Max(reader.Followed, Theirs!.Sequence);
        if (sequence == _followed)
            return;
        try
        {
            await Link.SetCursorAsync(new ChangeCursor(Theirs.Incarnation, sequence), CancellationToken.None).ConfigureAwait(false);
            _followed = sequence;
        }
        catch (StorageException)
        {
            // It only helps to notice a restored peer.
        }
    }
}
