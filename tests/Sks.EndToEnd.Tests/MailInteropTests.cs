using System.Net;
using System.Text;
using System.Text.Json;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.EndToEnd.Tests;

/// <summary>Mail between this server and real SKS, onak and Postfix.</summary>
public sealed class MailInteropTests : IDisposable
{
    private const string Here = "keys@here.example.org";
    private const string There = "pgp-public-keys@there.example.org";
    private const string Third = "pks@third.example.org";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Data => _folder.Combine("data");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SKS_and_this_server_send_each_other_what_clients_submit()
    {
        string receive = WriteScript("receive", string.Join(' ', new[] { "exec dotnet", Path.Combine(AppContext.BaseDirectory, "sksd.dll"), "mail receive --data", Data }));
        await using SksPeer sks = SksPeer.Create(new SksPeerOptions
        {
            Address = IPAddress.Parse("127.0.0.66"),
            Settings = new Dictionary<string, string?> { ["disable_mailsync"] = null, ["from_addr"] = There, ["sendmail_cmd"] = receive },
        });
        await File.WriteAllTextAsync(Path.Combine(sks.Folder, "etc", "sks", "mailsync"), Here + "\n", Token);
        await sks.BuildAsync([], Token);
        await sks.StartDbAsync(Token);
        string addMail = $"/usr/lib/sks/sks_add_mail {sks.Folder}/var/spool/sks";
        await using RunningNode node = await StartAsync(new { Address = Here, SendTo = (string[])[There], SendmailCommand = addMail, SendInterval = "00:00:00.5" });

        await sks.AddAsync(Armor.Write(SignedCertificate.Ordinary(1).Build()), Token);
        await Eventually.IsTrueAsync(_ => CountAsync(1), "the certificate of SKS", Patience, Token);
        await SubmitAsync(node, SignedCertificate.Ordinary(2).Build());
        await Eventually.IsTrueAsync(async _ => await sks.KeyCountAsync(Token) == 2, "the certificate of this server", Patience, Token);

        await Eventually.IsTrueAsync(
            async _ => (await PeersAsync()).Any(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [There, _, "1", "0", "1", ..]),
            "one each way",
            Patience,
            Token);
        Assert.Contains("Mail", (await Sksd.RunAsync("stats", "--data", Data)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Onak_and_this_server_relay_to_a_third_and_not_to_each_other()
    {
        string mails = Directory.CreateDirectory(_folder.Combine("mails")).FullName;
        string sent = Directory.CreateDirectory(_folder.Combine("sent")).FullName;
        string onak = InstallOnak($"cat > {mails}/$$.eml");
        await using RunningNode node = await StartAsync(new
        {
            Address = Here,
            SendTo = (string[])[There, Third],
            SendmailCommand = $"cat > {sent}/$$.eml",
            SendInterval = "00:00:00.5",
            Relay = true,
        });

        // A client of this server's: onak takes it and tells the third.
        await SubmitAsync(node, SignedCertificate.Ordinary(1).Build());
        await Eventually.IsTrueAsync(() => Directory.GetFiles(sent, "*.eml").Length == 2, "both are told", Patience, Token);
        string toOnak = await FindAsync(sent, static mail => mail.StartsWith($"To: {There}\n", StringComparison.Ordinal));
        await RunOnakMailAsync(onak, toOnak);
        string relayed = await FindAsync(mails, static _ => true);
        Assert.Contains($"To: {Third}\n", relayed, StringComparison.Ordinal);
        Assert.DoesNotContain(Here + "\n", string.Join('\n', relayed.Split('\n').Where(static line => line.StartsWith("To: ", StringComparison.Ordinal))) + "\n", StringComparison.Ordinal);
        Assert.Contains($"X-KeyServer-Sent: {Here}\n", relayed, StringComparison.Ordinal);

        // A client of onak's: this server takes it and tells the third.
        File.Delete(Directory.GetFiles(mails).Single());
        string armor = Encoding.ASCII.GetString(Armor.Write(SignedCertificate.Ordinary(2).Build()));
        await RunOnakMailAsync(onak, $"From: somebody@elsewhere.example.org\nSubject: INCREMENTAL\n\n{armor}");
        string fromOnak = await FindAsync(mails, static _ => true);
        foreach (string file in Directory.GetFiles(sent))
            File.Delete(file);
        (await Sksd.RunAsync(Sksd.Command(["mail", "receive", "--data", Data]) with { Input = Encoding.ASCII.GetBytes(fromOnak) })).EnsureSuccess();
        await Eventually.IsTrueAsync(_ => CountAsync(2), "the certificate of onak", Patience, Token);

        // Onak has sent it to both: nobody is left. What it tells this server alone goes on to the third.
        await RunOnakMailAsync(onak, $"From: x@y.example\nSubject: INCREMENTAL\nX-KeyServer-Sent: {Third}\n\n{Encoding.ASCII.GetString(Armor.Write(SignedCertificate.Ordinary(3).Build()))}");
        string seenByThird = await FindAsync(mails, static mail => !mail.Contains($"{Third}\nSubject", StringComparison.Ordinal) && mail.Contains($"X-KeyServer-Sent: {Third}", StringComparison.Ordinal));
        (await Sksd.RunAsync(Sksd.Command(["mail", "receive", "--data", Data]) with { Input = Encoding.ASCII.GetBytes(seenByThird) })).EnsureSuccess();
        await Eventually.IsTrueAsync(_ => CountAsync(3), "the second certificate of onak", Patience, Token);
        await Eventually.IsTrueAsync(async _ => (await PeersAsync()).Count(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [There or Third, _, _, "0", ..]) == 2, "nothing waits", Patience, Token);
        string toThird = Assert.Single(Directory.GetFiles(sent).Select(File.ReadAllText));
        Assert.StartsWith($"To: {Third}\n", toThird, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Postfix_brings_mail_by_an_alias_and_takes_it_away()
    {
        string spool = _folder.Combine("incoming");
        Directory.CreateDirectory(spool);
        File.SetUnixFileMode(_folder.Path, File.GetUnixFileMode(_folder.Path) | UnixFileMode.OtherExecute);
        File.SetUnixFileMode(spool, (UnixFileMode)0x1FF);
        string receive = $"{InteropTool.Require("dotnet")} {Path.Combine(AppContext.BaseDirectory, "sksd.dll")} mail receive --data {Data} --spool {spool}";
        await using var sink = new SmtpSink();
        await using PostfixServer postfix = await PostfixServer.StartAsync(Here, receive, sink.EndPoint, Token);

        // What comes while the server is down waits in the folder, which the mail system's user can write to.
        byte[] mail = [.. Encoding.ASCII.GetBytes($"From: {There}\nTo: {Here}\nSubject: incremental\n\n"), .. Armor.Write(SignedCertificate.Ordinary(1).Build())];
        await postfix.SubmitAsync(Here, mail, Token);
        await Eventually.IsTrueAsync(() => Directory.GetFiles(spool).Length == 1, "a mail in the folder", Patience, Token);
        await using RunningNode node = await StartAsync(new
        {
            Address = Here,
            SendTo = (string[])[There],
            Smtp = postfix.EndPoint,
            SendInterval = "00:00:00.5",
            SpoolDirectory = spool,
            PollInterval = "00:00:00.5",
        });
        await Eventually.IsTrueAsync(_ => CountAsync(1), "the certificate that waited", Patience, Token);

        await SubmitAsync(node, SignedCertificate.Ordinary(2).Build());
        string sent = "";
        await Eventually.IsTrueAsync(() => (sent = sink.Mails is [{ } first, ..] ? first : "").Length > 0, "a mail", Patience, Token);
        Assert.Contains($"\r\nTo: {There}\r\n", sent, StringComparison.Ordinal);
        Assert.Contains("\r\nSubject: incremental\r\n", sent, StringComparison.Ordinal);
        byte[] packets = Armor.Read(Encoding.ASCII.GetBytes(sent)).Single()!;
        Assert.Single(TestData.Split((ReadOnlyMemory<byte>)packets));
    }

    private static async Task SubmitAsync(RunningNode node, byte[] certificate)
    {
        using var http = new HttpClient();
        using var form = new FormUrlEncodedContent([new("keytext", Encoding.ASCII.GetString(Armor.Write(certificate)))]);
        using HttpResponseMessage response = await http.PostAsync(new Uri(node.Hkp, "/pks/add"), form, Token);
        response.EnsureSuccessStatusCode();
    }

    private static async Task<string> FindAsync(string folder, Func<string, bool> isIt)
    {
        string? found = null;
        await Eventually.IsTrueAsync(
            () => (found = Directory.GetFiles(folder).Select(File.ReadAllText).FirstOrDefault(mail => mail.Contains("-----END", StringComparison.Ordinal) && isIt(mail))) is not null,
            "a mail",
            Patience,
            Token);
        return found!;
    }

    private static async Task RunOnakMailAsync(string script, string mail) =>
        (await ProcessRunner.RunAsync(new ProcessCommand("perl", [script]) { Input = Encoding.ASCII.GetBytes(mail) }, Patience, Token)).EnsureSuccess();

    private Task<RunningNode> StartAsync(object mail)
    {
        string config = _folder.Combine("sksd.json");
        File.WriteAllText(config, JsonSerializer.Serialize(new { Mail = mail }));
        return RunningNode.StartAsync(Data, "--config", config);
    }

    private async Task<IReadOnlyList<string>> PeersAsync() => (await Sksd.RunAsync("peers", "--data", Data)).EnsureSuccess().OutputLines;

    private async Task<bool> CountAsync(int count) =>
        (await Sksd.RunAsync("stats", "--data", Data)).Output.Contains($"certificates: {count}\n", StringComparison.Ordinal);

    private string WriteScript(string name, string command)
    {
        string path = _folder.Combine(name);
        File.WriteAllText(path, $"#!/bin/sh\n{command}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    // The script has the path of its configuration built in, and calls the programs without one.
    private string InstallOnak(string mta)
    {
        string onak = InteropTool.Require("onak");
        string ini = _folder.Combine("onak.ini");
        foreach (string name in (string[])["log", "run", "spool", "db"])
            Directory.CreateDirectory(_folder.Combine(name));
        WriteScript("onak", $"exec {onak} -c {ini} \"$@\"");
        string send = WriteScript("mta", mta);
        File.WriteAllText(ini, $"""
            [main]
            backend=be
            backends_dir=/usr/lib/x86_64-linux-gnu/onak/backends
            logfile={_folder.Path}/log/onak.log
            loglevel=0
            use_keyd=false
            sock_dir={_folder.Path}/run
            max_reply_keys=128
            [verification]
            check_sighash=true
            drop_v3=true
            [mail]
            maintainer_email=onak admin <admin@there.example.org>
            mail_dir={_folder.Path}/spool
            mta={send}
            bin_dir={_folder.Path}
            this_site={There}
            syncsite={Here}
            syncsite={Third}
            [backend:be]
            type=db4
            location={_folder.Path}/db

            """);
        string script = _folder.Combine("onak-mail.pl");
        File.WriteAllText(script, File.ReadAllText("/usr/lib/x86_64-linux-gnu/onak/onak-mail.pl").Replace("/etc/onak.ini", ini, StringComparison.Ordinal));
        return script;
    }
}
