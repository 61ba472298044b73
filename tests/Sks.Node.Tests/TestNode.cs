using Microsoft.Extensions.Time.Testing;
using Sks.Storage;
using Sks.TestSupport;

namespace Sks.Node.Tests;

/// <summary>A node in a folder of its own, with a clock that stands still.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private TestNode(Action<KeyserverOptions> configure)
    {
        Options.DataDirectory = _folder.Path;
        Options.MinFreeDiskBytes = 0;
        configure(Options);
        Node = KeyserverNode.Open(Options, Time);
    }

    public KeyserverOptions Options { get; } = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public KeyserverNode Node { get; private set; }

    public static TestNode Open(Action<KeyserverOptions>? configure = null) => new(configure ?? (static _ => { }));

    /// <summary>What became of each certificate of one submission.</summary>
    public Task<List<SubmissionOutcome>> SubmitAsync(ReadOnlyMemory<byte> body) =>
        Node.Submissions.SubmitAsync(body, new SubmissionOrigin(ChangeSource.Hkp, "a client"), TestContext.Current.CancellationToken).ToListAsync().AsTask();

    /// <summary>What became of each certificate of one import.</summary>
    public Task<List<SubmissionOutcome>> ImportAsync(Stream keyring) =>
        Node.Submissions.ImportAsync(keyring, TestContext.Current.CancellationToken).ToListAsync().AsTask();

    /// <summary>Submits certificates that are accepted, and says which results they had.</summary>
    public async Task<List<SubmissionResult>> SubmitAsync(params IEnumerable<CertificateBuilder> certificates)
    {
        byte[] body = [.. certificates.SelectMany(static certificate => certificate.Build())];
        return [.. (await SubmitAsync(body)).Select(static outcome => outcome.Result)];
    }

    public IReadOnlyList<ServedCertificate> Find(CertificateSelector selector, ServedView view = ServedView.Clean)
    {
        QueryResult result = Node.Query.Find(selector, view);
        Assert.Equal(QueryStatus.Complete, result.Status);
        return result.Certificates;
    }

    public async Task AssertSoundAsync() =>
        Assert.Equal([], (await Node.CheckAsync(repair: false, null, TestContext.Current.CancellationToken)).Differences);

    public async Task WhileClosedAsync(Func<Task> work)
    {
        await Node.DisposeAsync();
        await work();
        Node = KeyserverNode.Open(Options, Time);
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        _folder.Dispose();
    }
}
