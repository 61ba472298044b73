using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Sks.Reconciliation.Sessions;

namespace Sks.HkpAdapter.Recon;

/// <summary>One connection with a peer: a handshake and at most one session.</summary>
/// <remarks>
/// Does not own the connection: whoever opened or accepted it closes it afterwards. What a session found is kept when the stream breaks, a time
/// runs out or the peer does what it may not.
/// </remarks>
/// <param name="transport">The bytes, both ways.</param>
/// <param name="options">For the timeouts.</param>
/// <param name="time">Measures them.</param>
public sealed class ReconConnection(IDuplexPipe transport, ReconOptions options, TimeProvider time)
{
    /// <summary>How long a peer that was refused may take to say what it thinks of this node, before the connection is closed: 1 second.</summary>
    private static readonly TimeSpan RefusalGrace = TimeSpan.FromSeconds(1);

    /// <summary>What Hockeypuck says while it writes its tree or has much to fetch; this node says it in the dialects that know it.</summary>
    public const string BusyReason = "sync not available, currently mutating";

    private readonly CountingPipe _pipe = new(transport);
    private IReadOnlyList<string>? _filters;
    private bool _isBusy;

    private delegate OperationStatus Parser<T>(ref SequenceReader<byte> reader, out T value);

    /// <summary>Makes the handshake and runs the session.</summary>
    /// <param name="own">What this node announces.</param>
    /// <param name="begin">Makes the session once both sides have passed each other, given what the peer announced.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/>.</exception>
    public async Task<ReconOutcome> RunAsync(
        ReconConfiguration own, Func<ReconConfiguration, ReconciliationSession> begin, CancellationToken cancellationToken)
    {
        (ReconConfiguration? peer, string? failure) = await GuardAsync(
            options.HandshakeTimeout, "the handshake took longer than", token => ShakeHandsAsync(own, token), cancellationToken);
        if (peer is null || failure is not null)
            return Describe(new ReconOutcome(peer, null, failure, _pipe.BytesReceived, _pipe.BytesSent));

        ReconciliationSession session = begin(peer);
        (_, failure) = await GuardAsync(
            options.SessionTimeout, "the session took longer than", token => RunSessionAsync(session, token), cancellationToken);
        session.Close();
        SessionResult result = session.GetResult();
        return Describe(new ReconOutcome(peer, result, Describe(result, failure), _pipe.BytesReceived, _pipe.BytesSent));
    }

    private ReconOutcome Describe(ReconOutcome outcome) => outcome with { Filters = _filters, IsBusy = _isBusy || outcome.BytesReceived == 0 };

    // Runs a phase; a timeout and a broken connection become words.
    private async Task<(ReconConfiguration? Peer, string? Failure)> GuardAsync(
        TimeSpan timeout,
        string lateness,
        Func<CancellationToken, Task<(ReconConfiguration? Peer, string? Failure)>> phase,
        CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await phase(either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return (null, Late(lateness, timeout));
        }
        catch (Exception broken) when (broken is IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return (null, "the connection broke");
        }
    }

    private async Task<(ReconConfiguration? Peer, string? Failure)> ShakeHandsAsync(ReconConfiguration own, CancellationToken cancellationToken)
    {
        _pipe.BytesSent += ReconHandshake.WriteConfiguration(_pipe.Output, own);
        await _pipe.Output.FlushAsync(cancellationToken);
        (OperationStatus status, IReadOnlyDictionary<string, byte[]>? settings) =
            await ReadAsync<IReadOnlyDictionary<string, byte[]>?>(ReconHandshake.TryReadConfiguration, cancellationToken);
        if (status == OperationStatus.NeedMoreData)
        {
            return (null, _pipe.BytesReceived == 0
                ? "the peer closed the connection without a word: it is busy, or does not know this node"
                : "the peer closed the connection within the handshake");
        }

        if (status == OperationStatus.InvalidData)
            return (null, "the peer does not speak the protocol: its settings cannot be read");

        _filters = ReconHandshake.ReadFilters(settings!);
        ReconHandshake.TryAccept(own, settings!, out ReconConfiguration? peer, out string? reason);
        _pipe.BytesSent += ReconHandshake.WriteVerdict(_pipe.Output, reason);
        await _pipe.Output.FlushAsync(cancellationToken);
        _isBusy = reason is not null && reason == own.Busy;
        return reason is null
            ? (peer, await ReadVerdictAsync(cancellationToken))
            : (null, await RefuseAsync(reason, cancellationToken));
    }

    private async Task<string?> ReadVerdictAsync(CancellationToken cancellationToken)
    {
        (OperationStatus status, string? reason) = await ReadAsync<string?>(ReconHandshake.TryReadVerdict, cancellationToken);
        return status switch
        {
            OperationStatus.NeedMoreData => "the peer closed the connection within the handshake",
            OperationStatus.InvalidData => "the peer does not speak the protocol: its verdict cannot be read",
            _ => Describe(reason),
        };

        string? Describe(string? refusal)
        {
            _isBusy |= refusal == BusyReason;
            return refusal is null ? null : $"the peer refuses this node: {refusal}";
        }
    }

    // Closing a connection on which something unread has arrived destroys what was sent last: the reason. So the verdict of the peer is waited for.
    private async Task<string> RefuseAsync(string reason, CancellationToken cancellationToken)
    {
        using var grace = new CancellationTokenSource(RefusalGrace, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(grace.Token, cancellationToken);
        try
        {
            await ReadVerdictAsync(either.Token);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // It said nothing more.
        }

        return $"the peer was refused: {ReconHandshake.Show(reason)}";
    }

    private async Task<(ReconConfiguration? Peer, string? Failure)> RunSessionAsync(ReconciliationSession session, CancellationToken cancellationToken)
    {
        using var idle = new CancellationTokenSource(options.IdleTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, cancellationToken);
        try
        {
            await new SessionPump(_pipe, session).RunAsync(idle, options.IdleTimeout, either.Token);
            return (null, null);
        }
        catch (OperationCanceledException) when (idle.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return (null, Late("nothing moved for longer than", options.IdleTimeout));
        }
    }

    private async Task<(OperationStatus Status, T? Value)> ReadAsync<T>(Parser<T?> parse, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await _pipe.Input.ReadAsync(cancellationToken);
            OperationStatus status = Parse(result.Buffer, parse, out T? value);
            if (status != OperationStatus.NeedMoreData || result.IsCompleted)
                return (status, value);
        }
    }

    private OperationStatus Parse<T>(ReadOnlySequence<byte> buffer, Parser<T?> parse, out T? value)
    {
        var reader = new SequenceReader<byte>(buffer);
        OperationStatus status = parse(ref reader, out value);
        _pipe.Advance(reader, examined: status == OperationStatus.NeedMoreData);
        return status;
    }

    private static string? Describe(SessionResult result, string? failure) => result.End switch
    {
        SessionEnd.Completed => failure, // that not all could be sent
        SessionEnd.LimitReached => null,
        SessionEnd.Violated => $"the peer violates the protocol: {ReconHandshake.Show(result.Reason!)}",
        SessionEnd.PeerIsMuchLarger => "the peer has more than ten times as many certificates: bootstrap from it or import a dump first",
        _ => failure ?? "the peer closed the connection within the session",
    };

    private static string Late(string what, TimeSpan timeout) => string.Create(CultureInfo.InvariantCulture, $"{what} {timeout:c}");
}
