using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Sks.TestSupport;

/// <summary>One started program and all its descendants that have not left its process group.</summary>
/// <remarks>
/// The program is started through <c>setsid</c>, which replaces itself by it: process id, session and group are then
/// the same number, and one signal reaches children whose parent is already gone. What is still alive when the test
/// process ends is killed too. (The kernel's own "parent died" signal is of no use: it fires when the starting
/// *thread* ends, and .NET's threads come and go.)
/// </remarks>
internal sealed class ProcessGroup : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<ProcessGroup, bool> Alive = StartWatchingOurOwnEnd();
    private readonly Process _process;

    private ProcessGroup(Process process)
    {
        _process = process;
        Id = process.Id;
        Alive[this] = true;
    }

    /// <summary>Process id of the program, and id of the group.</summary>
    public int Id { get; }

    public Stream Output => _process.StandardOutput.BaseStream;

    public Stream Error => _process.StandardError.BaseStream;

    public bool HasExited => _process.HasExited;

    /// <summary>Only after the exit. 128 plus the signal's number when a signal ended it.</summary>
    public int ExitCode => _process.ExitCode;

    /// <exception cref="FileNotFoundException">There is no such program.</exception>
    public static ProcessGroup Start(ProcessCommand command)
    {
        var program = command.Program.Contains('/', StringComparison.Ordinal)
            ? Path.GetFullPath(command.Program)
            : InteropTool.Find(command.Program);
        if (!File.Exists(program))
            throw new FileNotFoundException($"no such program: {command.Program}");

        var start = new ProcessStartInfo(InteropTool.Require("setsid"), [program, .. command.Arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = command.WorkingDirectory ?? "",
        };
        foreach (var (name, value) in command.Environment)
            start.Environment[name] = value;

        return new ProcessGroup(Process.Start(start)!);
    }

    /// <summary>Writes the program's whole input and closes it. A program that does not read it is no error.</summary>
    public async Task WriteInputAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        var stream = _process.StandardInput.BaseStream;
        try
        {
            await stream.WriteAsync(input, cancellationToken).ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // Broken pipe: it has exited or closed its input. Its exit code tells the rest.
        }
    }

    /// <summary>Sends a signal to the program alone.</summary>
    public void Signal(int signal)
    {
        if (!_process.HasExited)
            _ = SendSignal(Id, signal);
    }

    /// <summary>Sends SIGKILL to the program and everything it started.</summary>
    public void Kill() => _ = SendSignal(-Id, UnixSignal.Kill);

    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    /// <summary>Kills whatever is left and waits until it is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Alive.TryRemove(this, out _))
            return;

        Kill();
        await _process.WaitForExitAsync().ConfigureAwait(false);
        await Eventually.IsTrueAsync(() => !ProcessTable.InGroup(Id).Any(), $"process group {Id} is gone").ConfigureAwait(false);
        _process.Dispose();
    }

    private static ConcurrentDictionary<ProcessGroup, bool> StartWatchingOurOwnEnd()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            foreach (var group in Alive!.Keys)
                group.Kill();
        };
        return [];
    }

    /// <summary>kill(2): a negative id means the process group. The answer does not matter: gone is as good as killed.</summary>
    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static extern int SendSignal(int id, int signal);
}
