using System.Diagnostics.Metrics;

namespace Sks.HkpAdapter.Mail;

/// <summary>Counts what became of mails that came in, and the answers.</summary>
internal sealed class MailReceptionMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Sks.Mail";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _received;
    private readonly Counter<long> _replies;

    public MailReceptionMetrics()
    {
        _received = _meter.CreateCounter<long>("mail_received", description: "Mails read, by outcome: stored, answered, or why they were refused.");
        _replies = _meter.CreateCounter<long>("mail_replies", description: "Answers, by outcome: sent, failed or withheld.");
    }

    /// <summary>Counts a mail.</summary>
    public void CountReceived(string outcome) => _received.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>Counts an answer.</summary>
    public void CountReply(string outcome) => _replies.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Dispose() => _meter.Dispose();
}
