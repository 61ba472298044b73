using System.Net;

namespace Sks.TestSupport;

/// <summary>A real Postfix with its own configuration and queue, on a free port of loopback. Only root can start one.</summary>
/// <remarks>It delivers mail to one address to a command, as an alias does, and passes everything else on to one other server.</remarks>
public sealed class PostfixServer : IAsyncDisposable
{
    private readonly string _postfix;
    private readonly TemporaryFolder _folder = new();
    private readonly FreePort _port = FreePort.Reserve(IPAddress.Loopback);

    private PostfixServer(string postfix) => _postfix = postfix;

    /// <summary>Where it takes mail, as <c>HOST:PORT</c>.</summary>
    public string EndPoint => _port.EndPoint.ToString();

    /// <summary>What it logged.</summary>
    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    private string Configuration => _folder.Combine("etc");

    private string LogFile => _folder.Combine("log", "mail.log");

    /// <summary>Starts one. Skips or fails the test when there is no Postfix.</summary>
    /// <param name="address">The address that is delivered.</param>
    /// <param name="command">What it is delivered to, run as <c>nobody</c>.</param>
    /// <param name="next">Where other mail goes, as <c>HOST:PORT</c>.</param>
    public static async Task<PostfixServer> StartAsync(string address, string command, string next, CancellationToken cancellationToken)
    {
        var server = new PostfixServer(InteropTool.Require("postfix"));
        if (Environment.UserName != "root")
            InteropTool.Missing("only root can start Postfix", InteropTool.IsRequired);
        try
        {
            await server.ConfigureAsync(address, command, next, cancellationToken).ConfigureAwait(false);
            (await ProcessRunner.RunAsync(new ProcessCommand(server._postfix, "-c", server.Configuration, "start"), null, cancellationToken).ConfigureAwait(false)).EnsureSuccess();
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Hands it a mail as local programs do.</summary>
    public async Task SubmitAsync(string to, ReadOnlyMemory<byte> mail, CancellationToken cancellationToken) =>
        (await ProcessRunner.RunAsync(
            new ProcessCommand(InteropTool.Require("sendmail"), "-C", Configuration, to) { Input = mail.ToArray() }, null, cancellationToken).ConfigureAwait(false)).EnsureSuccess();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (File.Exists(LogFile))
            await ProcessRunner.RunAsync(new ProcessCommand(_postfix, "-c", Configuration, "stop"), null, CancellationToken.None).ConfigureAwait(false);
        _port.Dispose();
        _folder.Dispose();
    }

    private async Task ConfigureAsync(string address, string command, string next, CancellationToken cancellationToken)
    {
        string[] parts = address.Split('@');
        foreach (string name in (string[])["etc", "spool", "lib", "log"])
            Directory.CreateDirectory(_folder.Combine(name));
        File.SetUnixFileMode(_folder.Path, File.GetUnixFileMode(_folder.Path) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        (await ProcessRunner.RunAsync(new ProcessCommand("chown", "postfix", _folder.Combine("lib")), null, cancellationToken).ConfigureAwait(false)).EnsureSuccess();
        await File.WriteAllTextAsync(
            Path.Combine(Configuration, "main.cf"),
            $"""
            compatibility_level = 3.6
            queue_directory = {_folder.Path}/spool
            data_directory = {_folder.Path}/lib
            command_directory = /usr/sbin
            daemon_directory = /usr/lib/postfix/sbin
            mail_owner = postfix
            setgid_group = postdrop
            myhostname = {parts[1]}
            mydestination = {parts[1]}
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            mynetworks = 127.0.0.0/8
            relayhost = [{next.Split(':')[0]}]:{next.Split(':')[1]}
            disable_dns_lookups = yes
            alias_maps = texthash:{Configuration}/aliases
            alias_database =
            local_recipient_maps =
            maillog_file = {LogFile}
            maillog_file_prefixes = {_folder.Path}

            """,
            cancellationToken).ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(Configuration, "aliases"), $"{parts[0]} \"|{command}\"\n", cancellationToken).ConfigureAwait(false);
        await File.WriteAllTextAsync(
            Path.Combine(Configuration, "master.cf"),
            $"""
            {EndPoint} inet n - n - - smtpd
            pickup unix n - n 1 1 pickup
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 1 1 qmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            verify unix - - n - 1 verify
            flush unix n - n 1000? 0 flush
            proxymap unix - - n - - proxymap
            smtp unix - - n - - smtp
            relay unix - - n - - smtp
            error unix - - n - - error
            retry unix - - n - - error
            local unix - n n - - local
            anvil unix - - n - 1 anvil
            scache unix - - n - 1 scache
            postlog unix-dgram n - n - 1 postlogd

            """,
            cancellationToken).ConfigureAwait(false);
    }
}
