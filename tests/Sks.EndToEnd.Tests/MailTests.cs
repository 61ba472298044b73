using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

/// <summary><c>sksd mail receive</c> with and without a running server.</summary>
public sealed class MailTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.Combine("data");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Mail_goes_to_the_running_server()
    {
        await using RunningNode node = await RunningNode.StartAsync(Data);

        Assert.Equal(0, (await ReceiveAsync(Mails(1).Single())).ExitCode);

        await Eventually.IsTrueAsync(_ => CountAsync(1), "all mails are in", null, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Fifty_mails_that_came_while_the_server_was_stopped_are_in_after_its_start()
    {
        foreach (byte[] mail in Mails(50))
            Assert.Equal(0, (await ReceiveAsync(mail)).ExitCode);

        await using RunningNode node = await RunningNode.StartAsync(Data);

        await Eventually.IsTrueAsync(_ => CountAsync(50), "all mails are in", null, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Mail_that_was_acknowledged_survives_a_kill()
    {
        RunningNode node = await RunningNode.StartAsync(Data);
        int acknowledged = 0;
        foreach (byte[] mail in Mails(5))
            acknowledged += (await ReceiveAsync(mail)).ExitCode == 0 ? 1 : 0;
        await node.KillAsync();
        await node.DisposeAsync();
        Assert.Equal(5, acknowledged);

        await using RunningNode next = await RunningNode.StartAsync(Data);

        await Eventually.IsTrueAsync(_ => CountAsync(5), "all mails are in", null, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Socket_that_nobody_answers_on_leaves_the_mail_in_the_folder()
    {
        Directory.CreateDirectory(Data);
        File.WriteAllText(Path.Combine(Data, "admin.sock"), "");
        string spool = _folder.Combine("spool");

        ProcessResult result = await ReceiveAsync(Mails(1).Single(), "--spool", spool);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(Mails(1).Single(), File.ReadAllBytes(Assert.Single(Directory.GetFiles(spool))));
    }

    [Fact]
    public async Task Neither_server_nor_folder_has_the_mail_system_try_again()
    {
        File.WriteAllText(_folder.Combine("file"), "");

        ProcessResult result = await ReceiveAsync(Mails(1).Single(), "--spool", Path.Combine(_folder.Combine("file"), "spool"));

        Assert.Equal(75, result.ExitCode);
    }

    [Fact]
    public async Task Messages_of_sks_add_mail_and_maildirs_are_emptied()
    {
        byte[][] mails = [.. Mails(2)];
        string messages = Directory.CreateDirectory(_folder.Combine("sks", "messages")).FullName;
        string inbox = Directory.CreateDirectory(_folder.Combine("maildir", "new")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(messages, "msg-00000001.ready"), mails[0], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(messages, "msg-00000002"), mails[0], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(inbox, "1.2.host"), mails[1], TestContext.Current.CancellationToken);
        string config = _folder.Combine("config.json");
        await File.WriteAllTextAsync(
            config,
            $$"""{ "Mail": { "MessagesDirectory": "{{messages}}", "Maildir": "{{_folder.Combine("maildir")}}", "PollInterval": "00:00:00.2" } }""",
            TestContext.Current.CancellationToken);

        await using RunningNode node = await RunningNode.StartAsync(Data, "--config", config);

        await Eventually.IsTrueAsync(_ => CountAsync(2), "all mails are in", null, TestContext.Current.CancellationToken);
        await Eventually.IsTrueAsync(
            () => Directory.GetFiles(inbox).Length == 0, "the maildir is empty", null, TestContext.Current.CancellationToken);
        Assert.Equal(["msg-00000002"], Directory.GetFiles(messages).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Pipes_and_what_was_left_half_written_are_cleared_away()
    {
        string spool = Directory.CreateDirectory(_folder.Combine("data", "mail", "incoming")).FullName;
        (await ProcessRunner.RunAsync(new ProcessCommand("mkfifo", Path.Combine(spool, "0.eml")), null, TestContext.Current.CancellationToken)).EnsureSuccess();
        string old = Path.Combine(spool, "old.tmp");
        string fresh = Path.Combine(spool, "fresh.tmp");
        await File.WriteAllTextAsync(old, "x", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(fresh, "x", TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(old, File.GetLastWriteTimeUtc(fresh).AddDays(-2));
        Assert.Equal(0, (await ReceiveAsync(Mails(1).Single())).ExitCode);

        await using RunningNode node = await RunningNode.StartAsync(Data);

        await Eventually.IsTrueAsync(_ => CountAsync(1), "the mail is in", null, TestContext.Current.CancellationToken);
        await Eventually.IsTrueAsync(
            () => Directory.GetFiles(spool) is [var left] && left == fresh, "the rest is gone", null, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_erasure_removes_refused_mails()
    {
        string rejected = _folder.Combine("data", "mail", "rejected");
        await using RunningNode node = await RunningNode.StartAsync(Data);
        Assert.Equal(0, (await ReceiveAsync(Mails(1).Single())).ExitCode);
        Assert.Equal(0, (await ReceiveAsync("From: a@b.example\nSubject: incremental\n\nno key\n"u8.ToArray())).ExitCode);
        await Eventually.IsTrueAsync(
            () => Directory.Exists(rejected) && Directory.GetFiles(rejected).Length == 1, "a refused mail", null, TestContext.Current.CancellationToken);

        string fingerprint = TestData.Read(TestData.DebianKeyring).First().PrimaryKey.Fingerprint.ToString();
        (await Sksd.RunAsync("erase", fingerprint, "--data", Data)).EnsureSuccess();

        Assert.Empty(Directory.GetFiles(rejected));
    }

    private static IEnumerable<byte[]> Mails(int count) =>
        from certificate in TestData.Split(TestData.DebianKeyring).Take(count)
        select (byte[])[.. "From: a@b.example\nSubject: incremental\n\n"u8, .. TestData.Armor(certificate.Span)];

    private Task<ProcessResult> ReceiveAsync(byte[] mail, params string[] more) =>
        Sksd.RunAsync(Sksd.Command(["mail", "receive", "--data", Data, .. more]) with { Input = mail });

    private async Task<bool> CountAsync(int count)
    {
        ProcessResult result = await Sksd.RunAsync("stats", "--data", Data);
        return result.Output.Contains($"certificates: {count}\n", StringComparison.Ordinal);
    }
}
