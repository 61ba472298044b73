using System.Buffers;
using System.IO.Pipelines;
using Sks.Reconciliation.Messages;
using Sks.Reconciliation.Sessions;

namespace Sks.HkpAdapter.Recon;

/// <summary>Moves messages between a session and a connection, in both directions at the same time.</summary>
/// <remarks>
/// Reads while it writes: a peer that is blocked on its answers, as nobody reads them, and a node that is blocked on its requests would wait for
/// each other. How much may wait to be written is the session's to say.
/// </remarks>
internal sealed class SessionPump(CountingPipe pipe, ReconciliationSession session)
{
    private const int FlushBytes = 64 * 1024;

    // Where a round of answers has to arrive in one piece, as far as it can.
    private const int RoundBytes = OutgoingRecon.WriteBytes;

    // An answer may take long, and a buffer has room for thousands of requests. What is left of it is read again.
    private const int BatchMessages = 16;

    private readonly MessageReader _messages = new(MessageLimits.Default);
    private Task<ReadResult>? _read;
    private Task<FlushResult>? _flush;
    private int _flushBytes;

    /// <summary>Runs until the session has ended and all that it had to say is written.</summary>
    /// <param name="idle">Is put off with everything that moves.</param>
    /// <param name="idleTimeout">For how long.</param>
    /// <param name="cancellationToken">Gives up; includes the one of <paramref name="idle"/>.</param>
    /// <exception cref="IOException">The connection broke, or the peer takes nothing any more.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task RunAsync(CancellationTokenSource idle, TimeSpan idleTimeout, CancellationToken cancellationToken)
    {
        using var rest = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (_flush is { IsCompleted: true } flush)
                {
                    _flush = null;
                    EndFlush(await flush);
                    idle.CancelAfter(idleTimeout);
                }

                if (_read is null && session.CanReceive)
                    _read = pipe.Input.ReadAsync(rest.Token).AsTask();
                bool hasRead = _read is { IsCompleted: true };
                if (hasRead)
                {
                    ReadResult result = await _read!;
                    _read = null;
                    Receive(result);
                    idle.CancelAfter(idleTimeout);
                }
                else
                {
                    session.Pause();
                }

                if (_flush is null && Send())
                    _flush = pipe.Output.FlushAsync(rest.Token).AsTask();
                else if (_flush is null && session.IsEnded)
                    return;
                else if (!hasRead)
                    await Task.WhenAny(((IEnumerable<Task?>)[_read, _flush]).OfType<Task>());
            }
        }
        finally
        {
            await rest.CancelAsync();
            foreach (Task pending in ((IEnumerable<Task?>)[_read, _flush]).OfType<Task>())
                await pending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Receive(ReadResult result)
    {
        var reader = new SequenceReader<byte>(result.Buffer);
        OperationStatus status = OperationStatus.Done;
        for (int i = 0; i < BatchMessages && status == OperationStatus.Done && session.CanReceive; i++)
        {
            status = _messages.TryRead(ref reader, out ReconMessage? message);
            if (status == OperationStatus.Done)
                session.Receive(message!);
        }

        pipe.Advance(reader, examined: status == OperationStatus.NeedMoreData);
        if (status == OperationStatus.InvalidData)
            session.Violate(_messages.Violation!);
        else if (status == OperationStatus.NeedMoreData && result.IsCompleted)
            session.Close();
    }

    // Whether there is something to flush.
    private bool Send()
    {
        int bound = session.HoldsAnswers ? RoundBytes : FlushBytes;
        while (_flushBytes < bound && session.TryTake(out ReconMessage? message))
            _flushBytes += MessageWriter.Write(pipe.Output, message);
        return _flushBytes > 0;
    }

    // After a reset a flush is no error, it is without effect.
    private void EndFlush(FlushResult result)
    {
        if (result.IsCompleted)
            throw new IOException("The peer takes nothing any more.");
        pipe.BytesSent += _flushBytes;
        _flushBytes = 0;
    }
}
