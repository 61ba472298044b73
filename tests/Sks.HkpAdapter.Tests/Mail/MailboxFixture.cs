using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MimeKit;
using Sks.HkpAdapter.Mail;
using Sks.Node;
using Sks.TestSupport;

namespace Sks.HkpAdapter.Tests.Mail;

/// <summary>A node that is given mails one by one, with a clock of its own and a transport that remembers what is sent.</summary>
internal sealed class MailboxFixture : IMailTransport, IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MailReceptionMetrics _metrics = new();
    private readonly MailReception _reception;

    public MailboxFixture(Action<MailOptions>? configure = null, SubmissionPolicy policy = SubmissionPolicy.Full)
    {
        var options = new KeyserverOptions { DataDirectory = _folder.Combine("store"), MinFreeDiskBytes = 0 };
        options.Ingest.Submissions = policy;
        Node = KeyserverNode.Open(options, TimeProvider.System);
        Options.Address = "keys@here.example.org";
        configure?.Invoke(Options);
        Rejected = new RejectedMails(RejectedFolder, Options, Time);
        var replies = new MailReplies(Options, this, _metrics, NullLogger.Instance, Time);
        _reception = new MailReception(Node, Options, Rejected, replies, _metrics, NullLogger.Instance, Time);
    }

    public KeyserverNode Node { get; }

    public MailOptions Options { get; } = new();

    public FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    public RejectedMails Rejected { get; }

    public string RejectedFolder => _folder.Combine("rejected");

    /// <summary>What was sent: recipients, subject, text.</summary>
    public List<(string To, string Subject, string Text)> Sent { get; } = [];

    /// <summary>Reasons of the mails that are kept.</summary>
    public IEnumerable<string> Reasons => Directory.Exists(RejectedFolder)
        ? Directory.GetFiles(RejectedFolder).Select(static file => File.ReadLines(file).First()["X-Rejected-Because: ".Length..])
        : [];

    public async Task GiveAsync(byte[] message)
    {
        if (await _reception.TakeAsync(message, TestContext.Current.CancellationToken) is { } answer)
            await answer(TestContext.Current.CancellationToken);
    }

    public Task GiveAsync(string message) => GiveAsync(System.Text.Encoding.Latin1.GetBytes(message));

    public Task SendAsync(MimeMessage message, CancellationToken cancellationToken)
    {
        Sent.Add((message.To.ToString(), message.Subject ?? "", message.TextBody ?? ""));
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        _metrics.Dispose();
        _folder.Dispose();
    }
}
