using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sks.Node;
using Sks.Node.Links;
using Sks.Storage;
using RefusalReason = Sks.Node.Links.RefusalReason;

namespace Sks.Grpc.Peers;

/// <summary>Has stored what was received: verifies as many at a time as there are processors, and waits for all of them to be on disk at once.</summary>
/// <remarks>So those that arrive together share a commit, and its sync. How much there can be is bounded by who puts it in.</remarks>
internal sealed class FetchStores(NodeId peer, Action<FetchOutcome> settle, ILogger logger)
{
    private readonly Channel<(ulong Prefix, Func<CancellationToken, Task<IntakeOutcome>> Take)> _waiting =
        Channel.CreateUnbounded<(ulong Prefix, Func<CancellationToken, Task<IntakeOutcome>> Take)>();

    private readonly TaskCompletionSource _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Faulted when something failed in a way that nothing can be settled with; else it never ends.</summary>
    public Task Failure => _failure.Task;

    /// <summary>Has something stored.</summary>
    /// <param name="prefix">What it was wanted by.</param>
    /// <param name="take">Stores it: computes first, then waits.</param>
    public void Add(ulong prefix, Func<CancellationToken, Task<IntakeOutcome>> take) => _waiting.Writer.TryWrite((prefix, take));

    /// <summary>Nothing more will be added.</summary>
    public void Complete() => _waiting.Writer.TryComplete();

    /// <summary>Runs until everything is stored after <see cref="Complete"/>. What is not begun when it is cancelled is dropped.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Run(() => RunLaneAsync(cancellationToken), CancellationToken.None)));

    private async Task RunLaneAsync(CancellationToken cancellationToken)
    {
        const int Many = 64;
        List<Task> storing = [];
        await foreach ((ulong prefix, Func<CancellationToken, Task<IntakeOutcome>> take) in _waiting.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            if (storing.Count > Many)
                storing.RemoveAll(static task => task.IsCompleted);
            storing.Add(StoreAsync(prefix, take, cancellationToken));
        }

        await Task.WhenAll(storing).ConfigureAwait(false);
    }

    // Never fails.
    private async Task StoreAsync(ulong prefix, Func<CancellationToken, Task<IntakeOutcome>> take, CancellationToken cancellationToken)
    {
        try
        {
            if (!cancellationToken.IsCancellationRequested)
                settle(await TakeAsync(prefix, take, cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            _failure.TrySetException(e);
        }
    }

    private async Task<FetchOutcome> TakeAsync(ulong prefix, Func<CancellationToken, Task<IntakeOutcome>> take, CancellationToken cancellationToken)
    {
        try
        {
            IntakeOutcome outcome = await take(cancellationToken).ConfigureAwait(false);
            if (outcome.Result == IntakeResult.Refused)
                PeerPayloadLog.Refused(logger, peer, outcome.Digest, outcome.Reason);
            return new FetchOutcome(prefix, outcome.Result, outcome.Reason, outcome.Digest, outcome.Changed);
        }
        catch (StorageException e) when (e.Kind is StorageErrorKind.NotWritable or StorageErrorKind.Corrupt)
        {
            // Held against nobody: an exchange will find it again.
            PeerPayloadLog.NotStored(logger, peer, e);
            return new FetchOutcome(prefix, IntakeResult.Refused, RefusalReason.Busy, null, false);
        }
    }
}
