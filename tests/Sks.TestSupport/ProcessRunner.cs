namespace Sks.TestSupport;

/// <summary>Runs a program to its end.</summary>
public static class ProcessRunner
{
    /// <summary>After the program's end its output must end as well within this time.</summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(10);

    /// <summary>Runs <paramref name="command"/>, feeds its input and collects both outputs.</summary>
    /// <param name="timeout">Default: <see cref="Eventually.DefaultTimeout"/>.</param>
    /// <returns>The result, whatever the exit code: see <see cref="ProcessResult.EnsureSuccess"/>.</returns>
    /// <exception cref="TimeoutException">It did not end in time, or left a daemon that keeps its output open. All is killed.</exception>
    public static async Task<ProcessResult> RunAsync(
        ProcessCommand command, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var process = ProcessGroup.Start(command);
        await using (process.ConfigureAwait(false))
        {
            using var output = new MemoryStream();
            using var error = new MemoryStream();
            // The pumps are not cancelled: they end with the pipes, at the latest when dispose has killed the group.
            var pumps = Task.WhenAll(
                process.Output.CopyToAsync(output, CancellationToken.None),
                process.Error.CopyToAsync(error, CancellationToken.None));

            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(timeout ?? Eventually.DefaultTimeout);
            try
            {
                await process.WriteInputAsync(command.Input, deadline.Token).ConfigureAwait(false);
                await process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                process.Kill();
                await Task.WhenAny(pumps, Task.Delay(OutputGrace, cancellationToken)).ConfigureAwait(false);
                throw new TimeoutException(
                    $"still running after {timeout ?? Eventually.DefaultTimeout}: {Describe(-1)}");
            }

            process.Kill(); // children in the background would keep the pipes open
            try
            {
                await pumps.WaitAsync(OutputGrace, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                throw new TimeoutException($"ended, but a daemon it left keeps its output open: {command}");
            }

            return Describe(process.ExitCode);

            ProcessResult Describe(int exitCode) =>
                new(command, exitCode, output.ToArray(), System.Text.Encoding.UTF8.GetString(error.ToArray()));
        }
    }
}
