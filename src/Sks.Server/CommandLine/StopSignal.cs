using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Sks.Server.CommandLine;

/// <summary>TERM and INT ask to stop; a second INT kills, for those who cannot wait.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _interrupt;

    public StopSignal()
    {
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, again: false));
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, again: _stop.IsCancellationRequested));
    }

    /// <summary>Cancelled when the process is asked to stop.</summary>
    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        _terminate.Dispose();
        _interrupt.Dispose();
        _stop.Dispose();
    }

    private void Stop(PosixSignalContext context, bool again)
    {
        // Other handlers of this process may hold the default action back, so it is not enough to let it happen.
        if (again)
            Process.GetCurrentProcess().Kill();
        context.Cancel = true;
        _stop.Cancel();
    }
}
