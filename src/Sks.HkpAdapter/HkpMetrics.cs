using System.Diagnostics.Metrics;

namespace Sks.HkpAdapter;

/// <summary>Counts what became of requests.</summary>
internal sealed class HkpMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Sks.HkpAdapter";

    private const int MaxStatus = 600;

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _requests;
    private readonly Counter<long> _problems;
    private readonly long[] _byStatus = new long[MaxStatus];

    public HkpMetrics()
    {
        _requests = _meter.CreateCounter<long>("requests", description: "Answered requests, by HTTP status.");
        _problems = _meter.CreateCounter<long>("problems", description: "Requests not answered as asked, by reason.");
    }

    /// <summary>Counts an answered request.</summary>
    public void CountRequest(int status)
    {
        if ((uint)status < MaxStatus)
            Interlocked.Increment(ref _byStatus[status]);
        if (_requests.Enabled)
            _requests.Add(1, new KeyValuePair<string, object?>("status", status));
    }

    /// <summary>Counts why a request was not answered as asked.</summary>
    public void CountProblem(string reason)
    {
        if (_problems.Enabled)
            _problems.Add(1, new KeyValuePair<string, object?>("reason", reason));
    }

    /// <summary>Requests since start, by HTTP status; those that never occurred are left out.</summary>
    public IReadOnlyList<(int Status, long Count)> GetRequests()
    {
        List<(int Status, long Count)> counts = [];
        for (int status = 0; status < MaxStatus; status++)
        {
            if (Interlocked.Read(ref _byStatus[status]) is > 0 and long count)
                counts.Add((status, count));
        }

        return counts;
    }

    public void Dispose() => _meter.Dispose();
}
