using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
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
    private readonly ConcurrentDictionary<RejectionReason, long> _rejections = new();

    public NodeMetrics(CertificateStore store)
    {
        _outcomeCounter = _meter.CreateCounter<long>("submissions", "{certificate}", "Certificates taken in, by source and result.");
        _rejectionCounter = _meter.CreateCounter<long>("rejections", "{certificate}", "Certificates not accepted, by reason.");
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

    /// <summary>Outcomes since start.</summary>
    public IReadOnlyDictionary<(ChangeSource Source, SubmissionResult Result), long> ReadOutcomes() =>
        new Dictionary<(ChangeSource Source, SubmissionResult Result), long>(_outcomes);

    /// <summary>Rejections since start.</summary>
    public IReadOnlyDictionary<RejectionReason, long> ReadRejections() => new Dictionary<RejectionReason, long>(_rejections);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
