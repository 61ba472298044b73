using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sks.TestSupport;

/// <summary>A program in the background: a foreign server, or our own that a test is going to kill.</summary>
/// <remarks>Dispose kills it with everything it started. All members may be used from several threads.</remarks>
public sealed class RunningProcess : IAsyncDisposable
{
    private readonly ProcessGroup _group;
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly Task _readers;
    private TaskCompletionSource _changed = NewSignal();
    private bool _ended;

    private RunningProcess(ProcessCommand command, ProcessGroup group)
    {
        Command = command;
        _group = group;
        _readers = ReadAllAsync();
    }

    /// <summary>What was started.</summary>
    public ProcessCommand Command { get; }

    /// <summary>Process id.</summary>
    public int Id => _group.Id;

    /// <summary>Whether the program itself has ended.</summary>
    public bool HasExited => _group.HasExited;

    /// <summary>The lines of standard output and standard error so far, in the order of arrival.</summary>
    public IReadOnlyList<string> Output
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    /// <summary>Starts a program. It gets its input at once and then end of file.</summary>
    /// <exception cref="FileNotFoundException">There is no such program.</exception>
    public static RunningProcess Start(ProcessCommand command)
    {
        var group = ProcessGroup.Start(command);
        var process = new RunningProcess(command, group);
        _ = group.WriteInputAsync(command.Input, CancellationToken.None);
        return process;
    }

    /// <summary>The first line, written before or after this call, that contains <paramref name="text"/>.</summary>
    /// <inheritdoc cref="WaitForLineAsync(Predicate{string}, TimeSpan?, CancellationToken)"/>
    public Task<string> WaitForLineAsync(string text, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        WaitForLineAsync(line => line.Contains(text, StringComparison.Ordinal), timeout, cancellationToken);

    /// <summary>The first line, written before or after this call, that <paramref name="match"/> accepts.</summary>
    /// <exception cref="InvalidOperationException">The output ended without such a line; the message has the output.</exception>
    /// <exception cref="TimeoutException">No such line in time; the message has the output.</exception>
    public async Task<string> WaitForLineAsync(
        Predicate<string> match, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout ?? Eventually.DefaultTimeout);
        for (var seen = 0; ;)
        {
            Task changed;
            lock (_lock)
            {
                for (; seen < _lines.Count; seen++)
                {
                    if (match(_lines[seen]))
                        return _lines[seen];
                }

                if (_ended)
                    throw new InvalidOperationException($"ended without the expected line: {this}");

                changed = _changed.Task;
            }

            try
            {
                await changed.WaitAsync(deadline.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"the expected line did not come: {this}");
            }
        }
    }

    /// <summary>Returns as soon as <paramref name="endPoint"/> accepts a TCP connection (which is closed at once).</summary>
    /// <exception cref="InvalidOperationException">The program has ended; the message has its output.</exception>
    /// <exception cref="TimeoutException">Nothing listens there in time.</exception>
    public Task WaitForPortAsync(IPEndPoint endPoint, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Eventually.IsTrueAsync(
            async token =>
            {
                if (HasExited)
                    throw new InvalidOperationException($"ended before it listened on {endPoint}: {await DescribeEndAsync().ConfigureAwait(false)}");

                using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    await socket.ConnectAsync(endPoint, token).ConfigureAwait(false);
                    return true;
                }
                catch (SocketException)
                {
                    return false;
                }
            },
            $"{Command} listens on {endPoint}",
            timeout,
            cancellationToken);

    /// <summary>Sends a signal (<see cref="UnixSignal"/>) to the program itself; nothing happens when it has ended.</summary>
    public void Signal(int signal) => _group.Signal(signal);

    /// <summary>Kills the program and all it started with SIGKILL, and returns when it is dead.</summary>
    public async Task KillAsync(CancellationToken cancellationToken = default)
    {
        _group.Kill();
        await WaitForExitAsync(null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks the program to end with SIGTERM, and returns its exit code.</summary>
    /// <inheritdoc cref="WaitForExitAsync"/>
    public Task<int> TerminateAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        Signal(UnixSignal.Terminate);
        return WaitForExitAsync(timeout, cancellationToken);
    }

    /// <summary>Waits for the program to end by itself. <see cref="Output"/> is complete afterwards.</summary>
    /// <returns>Exit code; 128 plus the signal's number when a signal ended it, so 137 after SIGKILL.</returns>
    /// <exception cref="TimeoutException">It runs on; the message has its output.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout ?? Eventually.DefaultTimeout);
        try
        {
            await _group.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
            await _readers.WaitAsync(deadline.Token).ConfigureAwait(false);
            return _group.ExitCode;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"did not end: {this}");
        }
    }

    /// <summary>Command and output so far, for messages.</summary>
    public override string ToString() => $"{Command}\n{string.Join('\n', Output)}";

    /// <summary>Kills the program and all it started, and returns when nothing of it is left.</summary>
    public ValueTask DisposeAsync() => _group.DisposeAsync();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task<string> DescribeEndAsync() => $"exit code {await WaitForExitAsync().ConfigureAwait(false)}, {this}";

    private async Task ReadAllAsync()
    {
        await Task.WhenAll(ReadAsync(_group.Output), ReadAsync(_group.Error)).ConfigureAwait(false);
        Change(() => _ended = true);
    }

    private async Task ReadAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
            Change(() => _lines.Add(line));
    }

    private void Change(Action change)
    {
        TaskCompletionSource signal;
        lock (_lock)
        {
            change();
            signal = _changed;
            _changed = NewSignal();
        }

        signal.SetResult();
    }
}
