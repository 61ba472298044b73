using Spectre.Console;

namespace Sks.Server.CommandLine;

/// <summary>Shows how far work has come, on a terminal only: never in a pipe, a file or a journal.</summary>
internal static class TerminalProgress
{
    private static bool IsTerminal => !Console.IsErrorRedirected && !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>Runs <paramref name="work"/> beside a progress bar.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="total">The value that means done; null when it is not known.</param>
    /// <param name="isQuiet">Whether nothing is to be shown even on a terminal.</param>
    /// <param name="work">The work; it reports absolute values.</param>
    public static async Task<T> RunAsync<T>(string title, long? total, bool isQuiet, Func<IProgress<long>, Task<T>> work)
    {
        if (isQuiet || !IsTerminal)
            return await work(new Nothing());

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        ProgressColumn[] columns = total is null
            ? [new TaskDescriptionColumn(), new SpinnerColumn(), new ElapsedTimeColumn()]
            : [new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()];
        return await console.Progress().AutoClear(true).Columns(columns).StartAsync(async context =>
        {
            ProgressTask task = context.AddTask(Markup.Escape(title), maxValue: Math.Max(total ?? 1, 1));
            task.IsIndeterminate = total is null;
            return await work(new Bar(task, total is null));
        });
    }

    private sealed class Nothing : IProgress<long>
    {
        public void Report(long value)
        {
        }
    }

    private sealed class Bar(ProgressTask task, bool isIndeterminate) : IProgress<long>
    {
        private readonly string _title = task.Description;

        public void Report(long value)
        {
            if (isIndeterminate)
                task.Description = $"{_title}: {value:N0}";
            else
                task.Value = value;
        }
    }
}
