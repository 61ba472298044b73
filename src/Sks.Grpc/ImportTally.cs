using Sks.Admin.V1;
using Sks.Node;

namespace Sks.Grpc;

/// <summary>What an import has come to. Files are counted by several tasks while another one reports.</summary>
internal sealed class ImportTally
{
    private const int MaxExamples = 5;

    private readonly Lock _lock = new();
    private readonly ImportCounts _counts = new();
    private readonly Dictionary<RejectionReason, ImportRejections> _rejections = [];
    private string _fileName = "";
    private uint _filesCompleted;
    private ulong _bytes;

    public void BeginFile(string name)
    {
        lock (_lock)
            _fileName = name;
    }

    public void CompleteFile()
    {
        lock (_lock)
            _filesCompleted++;
    }

    public void AddBytes(int count)
    {
        lock (_lock)
            _bytes += (ulong)count;
    }

    public void Add(SubmissionOutcome outcome, string fileName)
    {
        lock (_lock)
        {
            switch (outcome.Result)
            {
                case SubmissionResult.Added:
                    _counts.Added++;
                    break;
                case SubmissionResult.Updated:
                    _counts.Updated++;
                    break;
                case SubmissionResult.Unchanged:
                    _counts.Unchanged++;
                    break;
                default:
                    _counts.Rejected++;
                    AddRejection(outcome, fileName);
                    break;
            }
        }
    }

    public ImportProgress GetProgress()
    {
        lock (_lock)
        {
            return new ImportProgress
            {
                FileName = _fileName,
                FilesCompleted = _filesCompleted,
                BytesReceived = _bytes,
                Counts = _counts.Clone(),
            };
        }
    }

    public ImportSummary GetSummary()
    {
        lock (_lock)
        {
            var summary = new ImportSummary { FilesCompleted = _filesCompleted, BytesReceived = _bytes, Counts = _counts.Clone() };
            summary.Rejections.AddRange(_rejections.Values.OrderByDescending(static rejections => rejections.Count));
            return summary;
        }
    }

    private void AddRejection(SubmissionOutcome outcome, string fileName)
    {
        if (!_rejections.TryGetValue(outcome.Reason, out ImportRejections? rejections))
            _rejections.Add(outcome.Reason, rejections = new ImportRejections { Reason = outcome.Reason.ToMessage() });

        rejections.Count++;
        if (rejections.Examples.Count == MaxExamples)
            return;

        var example = new ImportRejectionExample { FileName = fileName };
        if (outcome.Fingerprint is { } fingerprint)
            example.Fingerprint = fingerprint.ToBytes();
        rejections.Examples.Add(example);
    }
}
