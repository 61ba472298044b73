using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node;

/// <summary>Counts what the node does, for metrics and for its own statistics.</summary>
internal sealed class NodeMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Sks.Node";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _outcomeCounter;
    private readonly Counter<long> _rejectionCounter;
    private readonly ConcurrentDictionary<(ChangeSource, SubmissionResult), long> _outcomes = new();
    private readonly Counter<long> _leftOutCounter;
    private readonly ConcurrentDictionary<RejectionReason, long> _rejections = new();
    private readonly ConcurrentDictionary<PacketFate, long> _leftOut = new();

    public NodeMetrics(CertificateStore store)
    {
        _outcomeCounter = _meter.CreateCounter<long>("submissions", "{certificate}", "Certificates taken in, by source and result.");
        _rejectionCounter = _meter.CreateCounter<long>("rejections", "{certificate}", "Certificates not accepted, by reason.");
        _leftOutCounter = _meter.CreateCounter<long>("left_out", "{packet}", "Packets that came in and are not in the clean view, by reason.");
        _meter.CreateObservableGauge("certificates", () => store.Count, "{certificate}", "Certificates stored.");
        _meter.CreateObservableGauge("change_sequence", () => (long)store.Newest.Sequence, "{change}", "Sequence of the newest change.");
        _meter.CreateObservableGauge("writable", () => store.IsWritable ? 1 : 0, null, "1 when submissions can be stored.");
    }

    /// <summary>Counts one outcome.</summary>
    public void Count(ChangeSource source, SubmissionOutcome outcome)
    {
        _outcomes.AddOrUpdate((source, outcome.Result), 1, static (_, count) => count + 1);
        _outcomeCounter.Add(1, new("source", source.ToString()), new("result", outcome.Result.ToString()));
        if (outcome.Result != SubmissionResult.Rejected)
            return;
        _rejections.AddOrUpdate(outcome.Reason, 1, static (_, count) => count + 1);
        _rejectionCounter.Add(1, new KeyValuePair<string, object?>("reason", outcome.Reason.ToString()));
    }

    /// <summary>Counts packets that came in with something that was stored, but are not in the clean view.</summary>
    public void CountLeftOut(IReadOnlyDictionary<PacketFate, int> counts)
    {
        foreach ((PacketFate fate, int count) in counts)
        {
            _leftOut.AddOrUpdate(fate, static (_, added) => added, static (_, sum, added) => sum + added, (long)count);
            _leftOutCounter.Add(count, new KeyValuePair<string, object?>("reason", fate.ToString()));
        }
    }

    /// <summary>Packets left out of clean views since start.</summary>
    public IReadOnlyDictionary<PacketFate, long> ReadLeftOut() => new Dictionary<PacketFate, long>(_leftOut);

    /// <summary>Outcomes since start.</summary>
    public IReadOnlyDictionary<(ChangeSource Source, SubmissionResult Result), long> ReadOutcomes() =>
        new Dictionary<(ChangeSource Source, SubmissionResult Result), long>(_outcomes);

    /// <summary>Rejections since start.</summary>
    public IReadOnlyDictionary<RejectionReason, long> ReadRejections() => new Dictionary<RejectionReason, long>(_rejections);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
