using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Sks.TestSupport;

namespace Sks.Interop.Tests;

public sealed class ProcessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_returns_exit_code_and_both_outputs_byte_for_byte()
    {
        byte[] input = [0, 255, 10, 13, .. Encoding.UTF8.GetBytes("é"), .. new byte[300_000]];

        var result = await ProcessRunner.RunAsync(
            Shell("cat; echo \"$GREETING in $PWD\" >&2; exit 3") with
            {
                Input = input,
                Environment = new Dictionary<string, string?> { ["GREETING"] = "grüß" },
                WorkingDirectory = "/usr",
            },
            cancellationToken: Token);

        Assert.Equal(3, result.ExitCode);
        Assert.Equal(input, result.OutputBytes);
        Assert.Equal("grüß in /usr\n", result.Error);
        Assert.Throws<InvalidOperationException>(() => result.EnsureSuccess());
    }

    [Fact]
    public async Task Input_that_nobody_reads_does_no_harm()
    {
        var result = await ProcessRunner.RunAsync(Shell("exec <&-; echo done") with { Input = new byte[1_000_000] }, cancellationToken: Token);

        Assert.Equal("done\n", result.EnsureSuccess().Output);
    }

    [Fact]
    public async Task A_run_that_hangs_is_killed_with_its_children_and_reports_what_it_said()
    {
        var failure = await Assert.ThrowsAsync<TimeoutException>(
            () => ProcessRunner.RunAsync(Shell("sleep 1000 & echo $!; wait"), TimeSpan.FromSeconds(1), Token));

        var child = int.Parse(
            failure.Message.Split('\n').Single(line => line.All(char.IsAsciiDigit) && line.Length > 0), CultureInfo.InvariantCulture);
        Assert.False(IsAlive(child));
    }

    [Fact]
    public async Task A_child_left_in_the_background_does_not_hold_a_run_up()
    {
        var watch = Stopwatch.StartNew();

        var result = await ProcessRunner.RunAsync(Shell("sleep 1000 & echo $!"), cancellationToken: Token);

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"took {watch.Elapsed}");
        Assert.False(IsAlive(int.Parse(result.Output, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_missing_program_is_named()
    {
        var failure = await Assert.ThrowsAsync<FileNotFoundException>(
            () => ProcessRunner.RunAsync(new ProcessCommand("no-such-program"), cancellationToken: Token));

        Assert.Contains("no-such-program", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_are_found_whenever_they_were_written_on_either_stream()
    {
        await using var process = RunningProcess.Start(Shell("echo first; echo second >&2; exec sleep 1000"));

        Assert.Equal("second", await process.WaitForLineAsync("eco", cancellationToken: Token));
        Assert.Equal("first", await process.WaitForLineAsync(line => line.StartsWith('f'), cancellationToken: Token));
        await Assert.ThrowsAsync<TimeoutException>(() => process.WaitForLineAsync("third", TimeSpan.FromMilliseconds(100), Token));
        Assert.Equal(["first", "second"], process.Output.Order());
    }

    [Fact]
    public async Task Waiting_for_a_line_fails_with_the_output_when_the_program_ends()
    {
        await using var process = RunningProcess.Start(Shell("echo no space left; exit 1"));

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => process.WaitForLineAsync("ready", cancellationToken: Token));

        Assert.Contains("no space left", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_for_a_port_fails_with_the_output_when_the_program_ends()
    {
        using var port = FreePort.Reserve();
        await using var process = RunningProcess.Start(Shell("echo cannot bind; exit 1"));

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => process.WaitForPortAsync(port.EndPoint, cancellationToken: Token));

        Assert.Contains("exit code 1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("cannot bind", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Terminate_lets_the_program_end_in_order_and_kill_does_not()
    {
        const string script = "trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done";
        await using var polite = RunningProcess.Start(Shell(script));
        await using var killed = RunningProcess.Start(Shell(script));
        await polite.WaitForLineAsync("ready", cancellationToken: Token);
        await killed.WaitForLineAsync("ready", cancellationToken: Token);

        Assert.Equal(7, await polite.TerminateAsync(cancellationToken: Token));
        await killed.KillAsync(Token);

        Assert.Equal(["ready", "bye"], polite.Output);
        Assert.Equal(["ready"], killed.Output);
        Assert.Equal(137, await killed.WaitForExitAsync(cancellationToken: Token));
        Assert.True(killed.HasExited);
    }

    [Fact]
    public async Task Dispose_kills_children_whose_parent_is_already_gone()
    {
        var process = RunningProcess.Start(Shell("(sleep 1000 & echo $!) ; exec sleep 1000"));
        var orphan = int.Parse(await process.WaitForLineAsync(_ => true, cancellationToken: Token), CultureInfo.InvariantCulture);
        Assert.True(IsAlive(orphan));
        Assert.True(IsAlive(process.Id));

        await process.DisposeAsync();

        Assert.False(IsAlive(orphan));
        Assert.False(IsAlive(process.Id));
    }

    [Fact]
    public async Task A_reserved_port_is_refused_until_a_server_takes_it_and_again_afterwards()
    {
        using var port = FreePort.Reserve();
        using var other = FreePort.Reserve();
        Assert.NotEqual(port.Number, other.Number);

        for (var start = 0; start < 2; start++)
        {
            await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(port));
            using var server = new TcpListener(port.EndPoint);
            server.Start();
            await ConnectAsync(port);
        }
    }

    [Fact]
    public void Reserved_ports_are_all_different()
    {
        var ports = Enumerable.Range(0, 1_000).Select(_ => FreePort.Reserve()).ToList();

        Assert.Equal(1_000, ports.Select(port => port.Number).Distinct().Count());
        ports.ForEach(port => port.Dispose());
    }

    [Fact]
    public void A_temporary_folder_is_private_and_gone_afterwards()
    {
        string path;
        using (var folder = new TemporaryFolder())
        {
            path = folder.Path;
            Directory.CreateDirectory(folder.Combine("a", "b"));
            File.WriteAllText(folder.Combine("a", "b", "c"), "content");
            File.CreateSymbolicLink(folder.Combine("dangling"), "/no/such/file");
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new DirectoryInfo(path).UnixFileMode);
            Assert.True(path.Length <= 60, path);
        }

        Assert.False(Directory.Exists(path));
    }

    [Fact]
    public void A_missing_tool_skips_or_fails_as_demanded()
    {
        Assert.Equal("/bin/sh", InteropTool.Require("sh").Replace("/usr/bin/", "/bin/", StringComparison.Ordinal));

        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => InteropTool.Require("no-such-program", required: true));
        // By hand: xunit's own Assert.Throws and Record.Exception let a skip through.
        try
        {
            InteropTool.Require("no-such-program", required: false);
        }
        catch (Xunit.Sdk.SkipException)
        {
            return;
        }

        Assert.Fail("was not skipped");
    }

    private static ProcessCommand Shell(string script) => new("sh", "-c", script);

    private static bool IsAlive(int id)
    {
        // A zombie waits to be reaped by the init process, and is dead.
        var stat = $"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat";
        return File.Exists(stat) && !File.ReadAllText(stat).Contains(") Z ", StringComparison.Ordinal);
    }

    private static async Task ConnectAsync(FreePort port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(port.EndPoint, Token);
    }
}
