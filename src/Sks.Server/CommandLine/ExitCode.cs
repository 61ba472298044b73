namespace Sks.Server.CommandLine;

/// <summary>What <c>sksd</c> tells the shell. Scripts rely on the numbers.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Understood and tried, and the answer is "no": nothing found, something rejected, a check that failed.</summary>
    public const int No = 1;

    /// <summary>A wrong command line or configuration. Nothing was tried.</summary>
    public const int Usage = 2;

    /// <summary>What is needed is out of reach: no node, no store, a store or an address that another process holds.</summary>
    public const int Unreachable = 3;

    /// <summary>Not now: a mail system keeps the mail and tries again. Source: EX_TEMPFAIL of sysexits.h.</summary>
    public const int TryAgain = 75;

    /// <summary>Interrupted, as a shell reports SIGINT.</summary>
    public const int Interrupted = 130;
}
