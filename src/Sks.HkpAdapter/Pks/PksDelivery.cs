using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using Sks.HkpAdapter.Mail;
using Sks.Node;
using Sks.Node.Peers;
using Sks.Storage;

namespace Sks.HkpAdapter.Pks;

/// <summary>Sends to one server what waits for it, in order, until it has it.</summary>
/// <remarks>
/// At least once: what was sent is noted when the other side has taken it, and a crash in between has it sent again. While the server cannot be reached the
/// pauses grow up to an hour. What it refuses for good is passed over, by itself: others that were sent with it are tried without it.
/// </remarks>
internal sealed class PksDelivery(IPksTarget target, KeyserverNode node, MailOptions options, ILogger logger, TimeProvider time) : IDisposable
{
    private const int MaxBytes = 1 << 20;
    private static readonly TimeSpan MaxPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan AttemptTime = TimeSpan.FromMinutes(5);

    private readonly TimeSpan _minPause = TimeSpan.FromMinutes(1) / options.MaxMailsPerMinute;
    private ulong _singlyThrough;

    /// <summary>Runs until it is stopped or the store closes.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ResiliencePipeline<bool> pipeline = CreatePipeline();
        try
        {
            while (true)
            {
                bool hasSent = await pipeline.ExecuteAsync(SendNextAsync, cancellationToken).ConfigureAwait(false);
                ShowWaiting();
                await Task.Delay(hasSent ? _minPause : options.SendInterval, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.Closed)
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose() => target.Dispose();

    // Whether there was something to do.
    private async ValueTask<bool> SendNextAsync(CancellationToken cancellationToken)
    {
        (List<OutgoingCertificate> batch, ulong through) = ChooseNext();
        if (through == 0)
            return false;
        try
        {
            if (batch.Count > 0)
                await target.SendAsync(batch, cancellationToken).ConfigureAwait(false);
        }
        catch (MailRefusedException) when (batch.Count > 1)
        {
            _singlyThrough = batch[^1].Sequence;
            return true;
        }
        catch (MailRefusedException e)
        {
            PksSenderLog.Refused(logger, target.Name, batch[0].Fingerprint.ToString(), e.Message);
            Note(status => status with { Errors = status.Errors + 1, LastError = e.Message });
            batch.Clear();
        }

        await node.Outbox.AdvanceAsync(target.Name, through, cancellationToken).ConfigureAwait(false);
        if (batch.Count > 0)
        {
            PksSenderLog.Sent(logger, batch.Count, target.Name);
            DateTimeOffset now = time.GetUtcNow();
            Note(status => status with
            {
                LastContact = now,
                LastSuccess = now,
                LastRole = PeerRole.Initiator,
                LastError = null,
                NextAttempt = null,
                Sessions = status.Sessions + 1,
                Sent = status.Sent + batch.Count,
            });
        }

        return true;
    }

    // What goes together, and how far the queue is done with then: 0 when nothing waits. What is not sent is a step of its own, so that it is told once.
    private (List<OutgoingCertificate> Batch, ulong Through) ChooseNext()
    {
        List<OutgoingCertificate> batch = [];
        ulong through = 0;
        int bytes = 0;
        foreach (OutgoingCertificate next in node.Outbox.ReadFor(target.Name, 2 * target.MaxCertificates))
        {
            if (!IsToBeSent(next))
            {
                if (batch.Count > 0)
                    break;
                through = next.Sequence;
                continue;
            }

            bool hasPassedOver = batch.Count == 0 && through > 0;
            int limit = next.Sequence <= _singlyThrough ? 1 : target.MaxCertificates;
            bool fits = batch.Count == 0 || (batch.Count < limit && bytes + next.Packets.Length <= MaxBytes && HaveSameOrigin(batch[0], next));
            if (hasPassedOver || !fits)
                break;
            batch.Add(next);
            bytes += next.Packets.Length;
            through = next.Sequence;
        }

        return (batch, through);
    }

    private bool IsToBeSent(OutgoingCertificate certificate)
    {
        TimeSpan age = time.GetUtcNow() - certificate.Time;
        if (certificate.Packets.IsEmpty || (certificate.Origin is { } origin && target.HasSeen(origin)))
            return false;
        if (age <= options.SendKeepTime)
            return true;
        PksSenderLog.GivenUp(logger, certificate.Fingerprint.ToString(), target.Name, age);
        return false;
    }

    private static bool HaveSameOrigin(OutgoingCertificate one, OutgoingCertificate other) =>
        one.Origin is null ? other.Origin is null : other.Origin is not null && one.Origin.SeenBy.SequenceEqual(other.Origin.SeenBy, StringComparer.Ordinal);

    private ResiliencePipeline<bool> CreatePipeline() => new ResiliencePipelineBuilder<bool> { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions<bool>
        {

            // Whatever it is: what waits is not given up because of it.
            ShouldHandle = new PredicateBuilder<bool>().Handle<Exception>(
                static e => e is not (OperationCanceledException or StorageException { Kind: not StorageErrorKind.NotWritable })),
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = options.SendInterval,
            MaxDelay = MaxPause,
            OnRetry = args =>
            {
                Report(args.Outcome.Exception!, args.RetryDelay);
                return ValueTask.CompletedTask;
            },
        })
        .AddTimeout(AttemptTime)
        .Build();

    private void Report(Exception exception, TimeSpan pause)
    {
        if (exception is StorageException { Kind: var kind })
            PksSenderLog.StoreFailed(logger, kind);
        else
            PksSenderLog.Failed(logger, target.Name, pause, exception.Message);
        DateTimeOffset now = time.GetUtcNow();
        Note(status => status with { LastContact = now, Errors = status.Errors + 1, LastError = exception.Message, NextAttempt = now + pause });
        ShowWaiting();
    }

    private void ShowWaiting()
    {
        long waiting = node.Outbox.CountFor(target.Name);
        Note(status => status with { Waiting = waiting });
    }

    private void Note(Func<PeerStatus, PeerStatus> change) => node.Peers.TryUpdate(target.Name, change);
}
