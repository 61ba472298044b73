namespace Sks.TestSupport;

/// <summary>Signal numbers, equal on every Linux this runs on.</summary>
public static class UnixSignal
{
    /// <summary>SIGHUP: read the configuration again, reopen logs.</summary>
    public const int Hangup = 1;

    /// <summary>SIGKILL: die at once. What a power cut looks like to the program.</summary>
    public const int Kill = 9;

    /// <summary>SIGUSR2. SKS's <c>db</c> recalculates its statistics.</summary>
    public const int User2 = 12;

    /// <summary>SIGTERM: end in good order.</summary>
    public const int Terminate = 15;

    /// <summary>SIGCONT: go on after <see cref="Stop"/>.</summary>
    public const int Continue = 18;

    /// <summary>SIGSTOP: stand still with all connections open. What a hanging peer looks like.</summary>
    public const int Stop = 19;
}
