using System.Text;
using System.Text.Json;
using Sks.OpenPgp;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.EndToEnd.Tests;

/// <summary>What clients submit goes out by mail and over HTTP, once at least whatever happens.</summary>
public sealed class MailSendingTests : IAsyncDisposable
{
    private const string Here = "keys@here.example.org";
    private readonly TemporaryFolder _folder = new();
    private readonly SmtpSink _sink = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _sink.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Mail_server_that_refuses_breaks_off_and_takes_at_last_gets_every_certificate()
    {
        string[] fingerprints = [.. Enumerable.Range(1, 30).Select(FingerprintOf)];
        _sink.Behaviour = SmtpBehaviour.Refuse;
        await using (RunningNode node = await StartAsync("a"))
        {
            await SubmitAsync(node, 1, 10);
            await WaitForConnectionsAsync(2);
            _sink.Behaviour = SmtpBehaviour.Drop;
            await SubmitAsync(node, 11, 10);
            await WaitForConnectionsAsync(2);
            Assert.Empty(_sink.Mails);
            await node.KillAsync();
        }

        await using RunningNode next = await StartAsync("a");
        await SubmitAsync(next, 21, 10);
        await WaitForConnectionsAsync(1);
        _sink.Behaviour = SmtpBehaviour.Accept;

        await Eventually.IsTrueAsync(_ => Task.FromResult(fingerprints.All(Arrived().Contains)), "every certificate", TimeSpan.FromMinutes(3), Token);
        await Eventually.IsTrueAsync(
            async _ => (await Sksd.RunAsync("peers", "--data", _folder.Combine("a"))).OutputLines.Any(static line => line.StartsWith("pks@there.example", StringComparison.Ordinal)
                && line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, not "0", "0", ..]),
            "nothing waits",
            null,
            Token);
    }

    [Fact]
    public async Task What_is_refused_for_good_is_said_and_does_not_hold_up_the_rest()
    {
        _sink.Behaviour = SmtpBehaviour.Reject;
        await using RunningNode node = await StartAsync("a");
        await SubmitAsync(node, 1, 2);
        await node.WaitForLineAsync($"does not take {FingerprintOf(1)}");
        await node.WaitForLineAsync($"does not take {FingerprintOf(2)}");

        _sink.Behaviour = SmtpBehaviour.Accept;
        await SubmitAsync(node, 3, 1);

        await Eventually.IsTrueAsync(() => _sink.Mails.Count == 1, "a mail", null, Token);
        Assert.Equal([FingerprintOf(3)], Arrived());
    }

    [Fact]
    public async Task What_was_erased_meanwhile_is_not_sent()
    {
        _sink.Behaviour = SmtpBehaviour.Refuse;
        await using RunningNode node = await StartAsync("a");
        await SubmitAsync(node, 1, 2);
        await WaitForConnectionsAsync(1);

        (await Sksd.RunAsync("erase", FingerprintOf(1), "--data", _folder.Combine("a"))).EnsureSuccess();
        _sink.Behaviour = SmtpBehaviour.Accept;

        await Eventually.IsTrueAsync(() => _sink.Mails.Count == 1, "a mail", TimeSpan.FromMinutes(3), Token);
        Assert.Equal([FingerprintOf(2)], Arrived());
    }

    [Fact]
    public async Task Command_is_given_the_mail_as_SKS_would_write_it()
    {
        string mails = Directory.CreateDirectory(_folder.Combine("mails")).FullName;
        await using RunningNode node = await StartAsync("a", ("Smtp", ""), ("SendmailCommand", $"cat > {mails}/$$"), ("MaxCertificatesPerMail", 1));
        await SubmitAsync(node, 1, 1);
        await SubmitAsync(node, 1, 1);
        await SubmitAsync(node, 2, 1);

        await Eventually.IsTrueAsync(() => Directory.GetFiles(mails).Length == 2, "two mails", null, Token);
        string mail = await File.ReadAllTextAsync(Directory.EnumerateFiles(mails).OrderBy(File.GetLastWriteTimeUtc).First(), Token);
        string[] halves = mail.Split("\n\n", 2);
        string[] headers = halves[0].Split('\n');
        Assert.Equal(
            [
                "To: pks@there.example",
                $"From: {Here}",
                $"Reply-To: {Here}",
                $"Errors-To: {Here}",
                "Subject: incremental",
                "Precedence: list",
                "Content-type: application/pgp-keys",
                $"X-KeyServer-Sent: {Here}",
            ],
            headers[..8]);
        Assert.Equal(["Date", "Message-ID", "MIME-Version", "Content-Transfer-Encoding"], headers[8..].Select(static header => header.Split(':')[0]));
        Assert.DoesNotContain('\r', mail);
        Assert.StartsWith("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n", halves[1], StringComparison.Ordinal);
        Assert.Equal(DigestOf(SignedCertificate.Ordinary(1).Build()), DigestOf(Armor.Read(Encoding.ASCII.GetBytes(halves[1])).Single()!));
    }

    [Fact]
    public async Task Servers_over_HTTP_get_what_clients_submit_and_do_not_send_it_back()
    {
        await using RunningNode second = await StartAsync("b");
        string url = $"hkp://{second.Hkp.Authority}";
        await using RunningNode first = await StartAsync("a", ("SendTo", (string[])[url]));
        await SubmitAsync(first, 1, 3);

        await Eventually.IsTrueAsync(_ => CountAsync("b", 3), "all are there", null, Token);
        ProcessResult stats = await Sksd.RunAsync("stats", "--data", _folder.Combine("b"));
        Assert.Contains("PksPush", stats.Output, StringComparison.Ordinal);

        // The second sends by mail: what a client of its own submits, and nothing of the first.
        await SubmitAsync(second, 4, 1);
        await Eventually.IsTrueAsync(() => _sink.Mails.Count == 1, "a mail", null, Token);
        Assert.Equal([FingerprintOf(4)], Arrived());
    }

    [Fact]
    public async Task Relay_sends_on_what_came_by_mail_except_to_who_has_seen_it()
    {
        await using RunningNode node = await StartAsync("a", ("Relay", true), ("SendTo", (string[])["one@there.example", "two@there.example"]));
        string armor = Encoding.ASCII.GetString(Armor.Write(SignedCertificate.Ordinary(1).Build()));
        string mail = $"From: one@there.example\nSubject: incremental\nX-KeyServer-Sent: three@there.example\nX-KeyServer-Sent: one@there.example\n\n{armor}";
        (await Sksd.RunAsync(Sksd.Command(["mail", "receive", "--data", _folder.Combine("a")]) with { Input = Encoding.ASCII.GetBytes(mail) })).EnsureSuccess();
        await Eventually.IsTrueAsync(_ => CountAsync("a", 1), "it is stored", null, Token);

        await Eventually.IsTrueAsync(() => _sink.Mails.Count == 1, "a mail", null, Token);
        await SubmitAsync(node, 2, 1);
        await Eventually.IsTrueAsync(() => _sink.Mails.Count == 3, "two more mails", null, Token);
        Assert.StartsWith("To: two@there.example", _sink.Mails[0], StringComparison.Ordinal);
        Assert.Equal(
            ["three@there.example", "one@there.example", Here],
            _sink.Mails[0].Split("\r\n").Where(static line => line.StartsWith("X-KeyServer-Sent: ", StringComparison.Ordinal)).Select(static line => line[18..]));
    }

    private static string FingerprintOf(int seed) => SignedCertificate.Ordinary(seed).Primary.Fingerprint.ToString();

    private static string DigestOf(byte[] bytes) =>
        CertificateReader.TryRead(bytes, OpenPgpLimits.Default, out Certificate certificate, out _) ? certificate.Digest.ToString() : "unreadable";

    private static async Task SubmitAsync(RunningNode node, int firstSeed, int count)
    {
        using var http = new HttpClient();
        for (int seed = firstSeed; seed < firstSeed + count; seed++)
        {
            using var form = new FormUrlEncodedContent([new("keytext", Encoding.ASCII.GetString(Armor.Write(SignedCertificate.Ordinary(seed).Build())))]);
            using HttpResponseMessage response = await http.PostAsync(new Uri(node.Hkp, "/pks/add"), form, Token);
            response.EnsureSuccessStatusCode();
        }
    }

    private async Task<RunningNode> StartAsync(string name, params (string Name, object Value)[] settings)
    {
        Dictionary<string, object> mail = new(StringComparer.Ordinal)
        {
            ["Address"] = Here,
            ["SendTo"] = (string[])["pks@there.example"],
            ["Smtp"] = _sink.EndPoint,
            ["SendInterval"] = "00:00:00.3",
            ["PollInterval"] = "00:00:00.3",
            ["MaxMailsPerMinute"] = 1000,
        };
        foreach ((string key, object value) in settings)
            mail[key] = value;
        string config = _folder.Combine(name + ".json");
        await File.WriteAllTextAsync(config, JsonSerializer.Serialize(new { Mail = mail }), Token);
        return await RunningNode.StartAsync(_folder.Combine(name), "--config", config);
    }

    private async Task WaitForConnectionsAsync(int more)
    {
        int before = _sink.Connections;
        await Eventually.IsTrueAsync(() => _sink.Connections >= before + more, "connections", TimeSpan.FromMinutes(2), Token);
    }

    private HashSet<string> Arrived() =>
    [
        .. _sink.Mails
            .SelectMany(static mail => Armor.Read(Encoding.ASCII.GetBytes(mail)))
            .SelectMany(static block => TestData.Split((ReadOnlyMemory<byte>)block!))
            .Select(static bytes => CertificateReader.TryRead(bytes, OpenPgpLimits.Default, out Certificate certificate, out _)
                ? certificate.PrimaryKey.Fingerprint.ToString()
                : "unreadable"),
    ];

    private async Task<bool> CountAsync(string name, int count) =>
        (await Sksd.RunAsync("stats", "--data", _folder.Combine(name))).Output.Contains($"certificates: {count}\n", StringComparison.Ordinal);
}
