using Microsoft.Extensions.Logging;
using Sks.Node;
using Sks.Node.Links;
using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>Both directions of a Fetch stream: gives what the peer wants, takes in what was wanted of it.</summary>
/// <remarks>
/// Cannot block: what is on its way is bounded by windows on both sides, so that reading never waits for writing and the stream is always
/// read. What was wanted and is not settled when it ends, is not settled any more.
/// </remarks>
internal sealed class FetchPump
{
    /// <summary>Most certificates of one side that may be wanted and not settled.</summary>
    public const int MaxOutstanding = 512;

    // What the peer has declined may be on its way here, while what it wants instead has arrived by the other stream.
    private const int MaxGiven = 2 * MaxOutstanding;

    private readonly IMessageStream<FetchMessage> _stream;
    private readonly FetchGiver _giver;
    private readonly FetchTaker _taker;
    private readonly FetchCompression _compression = new();
    private readonly WakeUp _writable = new();
    private long _received;
    private long _sent;

    /// <summary>Starts without anything on its way.</summary>
    /// <param name="offers">What can be given.</param>
    /// <param name="intake">Takes in what is given.</param>
    /// <param name="policyVersion">The policy of the views.</param>
    /// <param name="peer">Who is at the other end.</param>
    /// <param name="stream">The stream, behind its start.</param>
    /// <param name="settled">Told of everything that was wanted, once each, from any thread. Something incomplete is to be wanted once more: then it is taken as a whole.</param>
    /// <param name="logger">Where to log.</param>
    /// <param name="time">Tells how long the peer takes.</param>
    public FetchPump(
        CertificateOffers offers,
        CertificateIntake intake,
        int policyVersion,
        NodeId peer,
        IMessageStream<FetchMessage> stream,
        Action<FetchOutcome> settled,
        ILogger logger,
        TimeProvider time)
    {
        _stream = stream;
        _giver = new FetchGiver(offers, policyVersion, peer, MaxGiven, _writable.Set, logger);
        _taker = new FetchTaker(intake, policyVersion, peer, MaxOutstanding, settled, _writable.Set, logger, time);
    }

    /// <summary>Bytes of messages received and sent so far.</summary>
    public (long Received, long Sent) Bytes => (Volatile.Read(ref _received), Volatile.Read(ref _sent));

    /// <summary>Certificates that were sent.</summary>
    public long Given => _giver.Given;

    /// <summary>Runs until the stream ends or the peer breaks the protocol. What was received by then is stored; what is not begun when it is cancelled is dropped.</summary>
    /// <exception cref="PeerProtocolException">It does.</exception>
    /// <exception cref="Sks.Storage.StorageException">The store is closing.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task storing = _taker.Stores.RunAsync(cancellationToken);
        Task[] loops = [ReadAsync(stop.Token), WriteAsync(stop.Token), _taker.RunAsync(stop.Token)];
        Task ended = await Task.WhenAny([.. loops, _taker.Stores.Failure]).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _taker.Stores.Complete();
        await storing.ConfigureAwait(false);
        await ended.ConfigureAwait(false);
        if (_taker.Stores.Failure.IsFaulted)
            await _taker.Stores.Failure.ConfigureAwait(false);
    }

    /// <summary>Says that these are wanted, just before the peer is told so: it may offer them from now on.</summary>
    /// <param name="prefixes">None of which is outstanding; with those that are at most <see cref="MaxOutstanding"/>.</param>
    public void Expect(IReadOnlyList<ulong> prefixes) => _taker.Expect(prefixes);

    /// <summary>Whether the peer has owed something for longer than a limit: an answer to a want, or all of the packets that were taken.</summary>
    /// <remarks>What waits here, to be decided about or to be stored, does not count.</remarks>
    public bool HasWaitedSince(TimeSpan limit) => _taker.HasWaitedSince(limit);

    /// <summary>The peer wants these: each is offered or declined. Does not wait.</summary>
    /// <exception cref="PeerProtocolException">More are outstanding than may be.</exception>
    public void Give(IReadOnlyList<ulong> prefixes) => _giver.Give(prefixes);

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        await foreach (FetchMessage message in _stream.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            Interlocked.Add(ref _received, message.CalculateSize());
            Handle(message.KindCase == FetchMessage.KindOneofCase.Compressed ? FetchCompression.Unpack(message.Compressed) : message);
        }
    }

    private void Handle(FetchMessage message)
    {
        switch (message.KindCase)
        {
            case FetchMessage.KindOneofCase.Start:
                throw new PeerProtocolException("the stream was started before");
            case FetchMessage.KindOneofCase.Offers:
                _taker.Handle(message.Offers);
                break;
            case FetchMessage.KindOneofCase.Takes:
                _giver.Handle(message.Takes);
                break;
            case FetchMessage.KindOneofCase.Payload:
                _taker.Handle(message.Payload);
                break;
        }
    }

    // What the peer waits for goes first, except between the parts of a certificate.
    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        while (true)
        {
            if (!_giver.IsSending && _taker.TryNext() is { } takes)
            {
                await WriteAsync(takes.Message, cancellationToken).ConfigureAwait(false);
                foreach (FetchOutcome outcome in takes.Settled)
                    _taker.Settle(outcome);
            }
            else if (_giver.TryNext() is { } message)
            {
                await WriteAsync(_compression.Pack(message), cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await _writable.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task WriteAsync(FetchMessage message, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _sent, message.CalculateSize());
        await _stream.WriteAsync(message, cancellationToken).ConfigureAwait(false);
    }
}
