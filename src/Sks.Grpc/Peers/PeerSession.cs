using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Sks.Node;
using Sks.Node.Links;
using Sks.Node.Peers;
using Sks.Peer.V1;
using Sks.Storage;

namespace Sks.Grpc.Peers;

/// <summary>One session with a peer, from the hellos to the end.</summary>
/// <remarks>
/// After the hellos the session is a handful of loops that run side by side: reading, sending, telling what is new, comparing, fetching, drawing
/// consequences, passing restrictions on. The first that ends, ends it. A loop that reads never waits for one that sends, on neither side: that would be
/// how two nodes come to wait for each other.
/// </remarks>
internal sealed partial class PeerSession : IDisposable
{
    private const int SessionLength = 16;
    private const int MaxHelloBytes = 1 << 20;
    private const int MaxLastMessages = 256;
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(1);

    private readonly PeerContext _context;
    private readonly LinkService _links;
    private readonly PeerRole _role;
    private readonly PeerBudget _budget;
    private readonly bool _isKeyDue;
    private readonly IMessageStream<SyncMessage> _sync;
    private readonly SyncOutbox _outbox;
    private readonly TaskCompletionSource<IMessageStream<FetchMessage>> _fetchStream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PeerRefusedException? _refusal;
    private bool _hasPeerSaidWhy;

    /// <summary>Prepares a session.</summary>
    /// <param name="context">What everything needs.</param>
    /// <param name="peer">Who is at the other end.</param>
    /// <param name="role">Of this node.</param>
    /// <param name="sync">The Sync stream.</param>
    /// <param name="needsNewKey">Whether the key of the link has failed.</param>
    /// <param name="budget">What the peer may cost.</param>
    /// <param name="cancellationToken">Ends the session.</param>
    public PeerSession(
        PeerContext context,
        NodeId peer,
        PeerRole role,
        IMessageStream<SyncMessage> sync,
        bool needsNewKey,
        PeerBudget budget,
        CancellationToken cancellationToken)
    {
        _context = context;
        _links = context.Node.Links;
        Link = _links.Get(peer);
        _role = role;
        _sync = sync;
        _budget = budget;
        _isKeyDue = IsKeyOld;
        _outbox = new SyncOutbox(sync);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Hello = CreateHello(needsNewKey);
    }

    /// <summary>The link to the peer.</summary>
    public Link Link { get; }

    /// <summary>Who called.</summary>
    public NodeId Client => _role == PeerRole.Initiator ? _links.Self : Link.Peer;

    /// <summary>What this node says first.</summary>
    public Hello Hello { get; }

    /// <summary>What the peer has said; null before it has.</summary>
    public Hello? Theirs { get; private set; }

    /// <summary>Ends when the session has.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Ends the session from outside; the peer is told why.</summary>
    public void Refuse(ErrorCode code, string detail)
    {
        Interlocked.CompareExchange(ref _refusal, new PeerRefusedException(code, detail), null);
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself meanwhile.
        }
    }

    /// <summary>Gives the session its Fetch stream.</summary>
    /// <returns>Whether it is this one's, and it had none.</returns>
    public bool TryAttach(ReadOnlySpan<byte> session, IMessageStream<FetchMessage> fetch) =>
        _role == PeerRole.Responder && CryptographicOperations.FixedTimeEquals(Hello.Session.Span, session) && _fetchStream.TrySetResult(fetch);

    /// <summary>Runs the session to its end, once.</summary>
    /// <param name="openFetch">The client's way to the Fetch stream; null for the server.</param>
    /// <param name="admit">Decides, when the hellos are exchanged, whether the session may be; throws <see cref="PeerRefusedException"/> if not.</param>
    public async Task<PeerSessionEnd> RunAsync(
        Func<CancellationToken, Task<IMessageStream<FetchMessage>>>? openFetch, Func<PeerSession, CancellationToken, Task> admit)
    {
        using var abort = new CancellationTokenSource();
        Task sending = _outbox.RunAsync(abort.Token);
        var inbox = new SyncInbox(_sync);
        try
        {
            PeerSessionEnd end = await RunAsync(inbox, sending, openFetch, admit).ConfigureAwait(false);
            if (end.Code == ErrorCode.Unspecified)
                end = _refusal is { } refusal ? Explain(end, refusal) : await ExplainAsync(end, inbox).ConfigureAwait(false);
            if (end.Code != ErrorCode.Unspecified && !_hasPeerSaidWhy)
                _outbox.Post(new SyncMessage { Error = end.ToMessage() });
            return end;
        }
        finally
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            _outbox.Complete();
            await sending.WaitAsync(FarewellTime, _context.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await abort.CancelAsync().ConfigureAwait(false);
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await inbox.DisposeAsync().ConfigureAwait(false);
            _ended.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    private async Task<PeerSessionEnd> RunAsync(
        SyncInbox inbox, Task sending, Func<CancellationToken, Task<IMessageStream<FetchMessage>>>? openFetch, Func<PeerSession, CancellationToken, Task> admit)
    {
        bool wasEstablished = false;
        try
        {
            PeerAgreement agreement = await GreetAsync(inbox).ConfigureAwait(false);
            await admit(this, _stop.Token).ConfigureAwait(false);
            if (agreement.NewKey is { } key)
                await ChangeKeyAsync(key).ConfigureAwait(false);
            IMessageStream<FetchMessage> fetch = await OpenFetchAsync(openFetch).ConfigureAwait(false);
            await NoteEstablishedAsync(agreement).ConfigureAwait(false);
            wasEstablished = true;
            await ServeAsync(inbox, sending, fetch, agreement.PolicyVersion).ConfigureAwait(false);
            return new PeerSessionEnd(wasEstablished, ErrorCode.Unspecified, null, TimeSpan.Zero);
        }
        catch (OperationCanceledException) when (_refusal is not null)
        {
            return new PeerSessionEnd(wasEstablished, _refusal.Code, _refusal.Message, _refusal.RetryAfter);
        }
        catch (OperationCanceledException)
        {
            return _links.Book.Find(Link.Peer) is null
                ? new PeerSessionEnd(wasEstablished, ErrorCode.Removed, "is no peer any more", TimeSpan.Zero)
                : new PeerSessionEnd(wasEstablished, ErrorCode.Stopping, "stops", TimeSpan.Zero);
        }
        catch (StorageException e)
        {
            PeerSessionLog.StoreFailed(_context.Logger, Link.Peer, e.Kind);
            ErrorCode code = e.Kind == StorageErrorKind.Closed ? ErrorCode.Stopping : ErrorCode.Busy;
            return new PeerSessionEnd(wasEstablished, code, "the store does not work", TimeSpan.Zero);
        }
        catch (PeerRefusedException e)
        {
            return new PeerSessionEnd(wasEstablished, e.Code, e.Message, e.RetryAfter) { IsExcess = e.IsExcess };
        }
        catch (PeerProtocolException e)
        {
            return new PeerSessionEnd(wasEstablished, ErrorCode.Protocol, e.Message, TimeSpan.Zero);
        }
        catch (PeerGoneException e)
        {
            _hasPeerSaidWhy = true;
            return new PeerSessionEnd(wasEstablished, e.Code, e.Message, e.RetryAfter);
        }
        catch (RpcException e)
        {
            return new PeerSessionEnd(wasEstablished, ErrorCode.Unspecified, e.Status.Detail, TimeSpan.Zero);
        }
    }

    // Of the loops that are cancelled, the first to end may do so without a word.
    private static PeerSessionEnd Explain(PeerSessionEnd end, PeerRefusedException refusal) =>
        end with { Code = refusal.Code, Detail = refusal.Message, RetryAfter = refusal.RetryAfter };

    // A peer that ends a session closes both streams and says why in one. It is chance which is noticed first.
    private async Task<PeerSessionEnd> ExplainAsync(PeerSessionEnd end, SyncInbox inbox)
    {
        using var limit = new CancellationTokenSource(FarewellTime, _context.Time);
        try
        {
            for (int count = 0; count < MaxLastMessages && await inbox.ReadAsync(limit.Token).ConfigureAwait(false) is { } message; count++)
            {
                if (message.KindCase != SyncMessage.KindOneofCase.Error)
                    continue;
                var gone = PeerGoneException.Of(message.Error);
                _hasPeerSaidWhy = true;
                return end with { Code = gone.Code, Detail = gone.Message, RetryAfter = gone.RetryAfter };
            }
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException)
        {
            // It is broken, or silent.
        }

        return end;
    }

    private Hello CreateHello(bool needsNewKey)
    {
        LinkKey? key = Link.Key;
        ChangeCursor newest = _links.Newest;
        return new Hello
        {
            ProtocolVersions = { PeerAgreement.ProtocolVersion },
            Set = PeerAgreement.CleanView,
            PolicyVersions = { _links.PolicyVersions.Select(static version => (uint)version) },
            Instance = UnsafeByteOperations.UnsafeWrap(_links.Instance),
            Incarnation = newest.Incarnation,
            Sequence = newest.Sequence,
            Nonce = UnsafeByteOperations.UnsafeWrap(RandomNumberGenerator.GetBytes(LinkKeyAgreement.NonceLength)),
            KeyEpoch = key?.Epoch ?? 0,
            KeyCheck = key is null ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(LinkKeyAgreement.CheckOf(key)),
            NeedsNewKey = needsNewKey || _isKeyDue,
            Restrictions = { RestrictionExchange.Describe(_links.Restrictions) },
            Addresses = { _context.Addresses },
            Software = SoftwareName.Own,
            Session = _role == PeerRole.Responder ? UnsafeByteOperations.UnsafeWrap(RandomNumberGenerator.GetBytes(SessionLength)) : ByteString.Empty,
        };
    }

    private bool IsKeyOld => Link.Key is { } key && key.Made + _context.Options.KeyLifetime < _context.Time.GetUtcNow();

    // What this node wants by itself is not the peer's fault.
    private async Task ChangeKeyAsync(LinkKey key)
    {
        if (!_isKeyDue)
            _budget.SpendKey();
        await Link.SetKeyAsync(key, _stop.Token).ConfigureAwait(false);
    }

    private async Task<PeerAgreement> GreetAsync(SyncInbox inbox)
    {
        _outbox.Post(new SyncMessage { Hello = Hello });
        SyncMessage? first;
        try
        {
            first = await inbox.ReadAsync(_stop.Token).WaitAsync(_context.Options.Timeout, _context.Time, _stop.Token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new PeerProtocolException("no hello");
        }

        if (first?.CalculateSize() > MaxHelloBytes)
            throw new PeerProtocolException("a hello that is too long");
        Theirs = first?.KindCase switch
        {
            null => throw new PeerGoneException(ErrorCode.Unspecified, "the peer closed the stream without a hello", TimeSpan.Zero),
            SyncMessage.KindOneofCase.Error => throw PeerGoneException.Of(first.Error),
            SyncMessage.KindOneofCase.Hello => first.Hello,
            _ => throw new PeerProtocolException("the first message is no hello"),
        };
        return PeerAgreement.Of(_links.Self, Hello, Link.Peer, Theirs, _role, _context.Time.GetUtcNow());
    }

    private async Task<IMessageStream<FetchMessage>> OpenFetchAsync(Func<CancellationToken, Task<IMessageStream<FetchMessage>>>? openFetch)
    {
        try
        {
            if (openFetch is null)
                return await _fetchStream.Task.WaitAsync(_context.Options.Timeout, _context.Time, _stop.Token).ConfigureAwait(false);
            IMessageStream<FetchMessage> fetch = await openFetch(_stop.Token).ConfigureAwait(false);
            await fetch.WriteAsync(new FetchMessage { Start = new FetchStart { Session = Theirs!.Session } }, _stop.Token).ConfigureAwait(false);
            return fetch;
        }
        catch (TimeoutException)
        {
            throw new PeerProtocolException("no Fetch stream");
        }
    }

    private async Task NoteEstablishedAsync(PeerAgreement agreement)
    {
        DateTimeOffset now = _context.Time.GetUtcNow();
        _context.Node.Peers.TryUpdate(Link.Peer.ToString(), status => status with
        {
            Kind = PeerKind.Modern,
            IsConnected = true,
            LastContact = now,
            LastRole = _role,
            LastError = null,
            PolicyVersion = agreement.PolicyVersion,
            Software = SoftwareName.Clean(Theirs!.Software),
        });
        PeerSessionLog.Connected(_context.Logger, Link.Peer, _role, agreement.PolicyVersion, Link.Key!.Epoch);
        if (Link.Cursor is { } cursor && (cursor.Incarnation != Theirs!.Incarnation || cursor.Sequence > Theirs.Sequence))
            PeerSessionLog.Restored(_context.Logger, Link.Peer);

        // What the operator has written holds; where that is nothing, what the peer says is better.
        if (_links.Book.Find(Link.Peer) is { Addresses.Count: 0 }
            && Theirs!.Addresses.Count is > 0 and <= PeerAddress.MaxCount
            && Theirs.Addresses.All(static address => PeerAddress.TryParse(address, out _)))
            await _links.Book.AddAsync(Link.Peer, Theirs.Addresses, _stop.Token).ConfigureAwait(false);
    }
}
