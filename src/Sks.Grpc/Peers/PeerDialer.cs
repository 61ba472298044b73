using System.Net.Security;
using Grpc.Core;
using Sks.Node;
using Sks.Node.Peers;
using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>Contacts a peer once.</summary>
/// <param name="context">What everything needs.</param>
/// <param name="sessions">Runs the session.</param>
/// <param name="certificate">This node's.</param>
internal sealed class PeerDialer(PeerContext context, IPeerSessions sessions, SslStreamCertificateContext certificate) : IPeerDialer
{
    // More than may be on its way when a session ends. Whoever goes on talking is not listened to.
    private const int MaxLastMessages = 256;
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public async Task<PeerSessionEnd> DialAsync(NodeId peer, IReadOnlyList<string> addresses, CancellationToken cancellationToken)
    {
        List<string> faults = [];
        foreach (string text in addresses)
        {
            if (!PeerAddress.TryParse(text, out PeerAddress address))
            {
                faults.Add($"'{text}' is not HOST:PORT");
                continue;
            }

            try
            {
                var count = new ByteCount(context.Node.Peers);
                count.Attribute(peer);
                using PeerConnection connection = await PeerConnection.OpenAsync(
                    address, peer, certificate, count, context.Options.Timeout, context.Time, cancellationToken).ConfigureAwait(false);
                PeerNotes.Contacted(context.Node.Peers, peer, PeerRole.Initiator, context.Time.GetUtcNow());
                long begin = context.Time.GetTimestamp();
                PeerSessionEnd end = await RunAsync(peer, new PeerService.PeerServiceClient(connection.Channel), cancellationToken).ConfigureAwait(false);
                return end with { Lasted = context.Time.GetElapsedTime(begin) };
            }
            catch (PeerUnreachableException e)
            {
                faults.Add(e.Message);
            }
        }

        return new PeerSessionEnd(false, ErrorCode.Unspecified, string.Join("; ", faults), TimeSpan.Zero);
    }

    private async Task<PeerSessionEnd> RunAsync(NodeId peer, PeerService.PeerServiceClient client, CancellationToken cancellationToken)
    {
        AsyncDuplexStreamingCall<FetchRequest, FetchResponse>? fetch = null;
        using AsyncDuplexStreamingCall<SyncRequest, SyncResponse> sync = client.Sync(cancellationToken: CancellationToken.None);
        IMessageStream<SyncMessage> stream = MessageStreams.OfClient(sync);
        try
        {
            PeerSessionEnd end = await sessions.RunAsync(peer, PeerRole.Initiator, stream, OpenFetch, cancellationToken).ConfigureAwait(false);
            await CloseAsync(sync, stream).ConfigureAwait(false);
            return end.WasEstablished ? end : Explain(end, sync);
        }
        catch (RpcException e)
        {
            return new PeerSessionEnd(false, ErrorCode.Unspecified, e.Status.Detail, TimeSpan.Zero);
        }
        finally
        {
            fetch?.Dispose();
        }

        Task<IMessageStream<FetchMessage>> OpenFetch(CancellationToken token)
        {
            fetch = client.Fetch(cancellationToken: CancellationToken.None);
            return Task.FromResult(MessageStreams.OfClient(fetch));
        }
    }

    // Why a call was refused stands in its status, which the session need not know of.
    private static PeerSessionEnd Explain(PeerSessionEnd end, AsyncDuplexStreamingCall<SyncRequest, SyncResponse> call)
    {
        try
        {
            Status status = call.GetStatus();
            return status.StatusCode is StatusCode.OK or StatusCode.Cancelled ? end : end with { Detail = status.Detail };
        }
        catch (InvalidOperationException)
        {
            return end; // the call has not ended
        }
    }

    // What was said last has to get through: to dispose a call resets its stream.
    private async Task CloseAsync(AsyncDuplexStreamingCall<SyncRequest, SyncResponse> call, IMessageStream<SyncMessage> stream)
    {
        using var limit = new CancellationTokenSource(LastWords, context.Time);
        try
        {
            await call.RequestStream.CompleteAsync().WaitAsync(limit.Token).ConfigureAwait(false);
            await stream.ReadAsync(limit.Token).Take(MaxLastMessages).LastOrDefaultAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or OperationCanceledException)
        {
            // It has ended already, or is being read still: the peer has had its time.
        }
    }
}

/// <summary>Contacts peers.</summary>
internal interface IPeerDialer
{
    /// <summary>Contacts a peer at one of its addresses after the other, and runs the session with it until it ends.</summary>
    Task<PeerSessionEnd> DialAsync(NodeId peer, IReadOnlyList<string> addresses, CancellationToken cancellationToken);
}
