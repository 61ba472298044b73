using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Sks.HkpAdapter.Recon;

/// <summary>Decides who may reconcile, and hands over those who may.</summary>
internal sealed class ReconReception(
    ReconOptions options,
    Func<IPAddress, string?> findPeer,
    Func<IncomingRecon, CancellationToken, Task> serve,
    ILogger logger,
    TimeProvider time,
    CancellationToken stop)
{
    private readonly SessionSlots _slots = new(options.MaxSessionsPerPeer);

    /// <summary>Serves one connection; when it returns, the connection is closed.</summary>
    public async Task ReceiveAsync(ConnectionContext connection)
    {
        if (connection.RemoteEndPoint is not IPEndPoint { Address: var address })
            return; // it is gone already
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        string? peer;
        try
        {
            peer = findPeer(address);
        }
        catch (Exception error)
        {
            HkpLog.ReconFailed(logger, address.ToString(), error.GetType().Name, error.StackTrace);
            return;
        }

        if (peer is null)
        {
            HkpLog.ReconStranger(logger, address);
            return;
        }

        if (!_slots.TryTake(peer))
        {
            HkpLog.ReconBusy(logger, peer, options.MaxSessionsPerPeer);
            return;
        }

        try
        {
            await serve(new IncomingRecon(peer, address, new ReconConnection(connection.Transport, options, time)), stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The listener stops.
        }
        catch (Exception error)
        {
            HkpLog.ReconFailed(logger, peer, error.GetType().Name, error.StackTrace);
        }
        finally
        {
            _slots.Return(peer);
        }
    }
}
