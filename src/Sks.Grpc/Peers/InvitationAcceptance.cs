using System.Net.Security;
using Google.Protobuf;
using Grpc.Core;
using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>Takes up an invitation that another node's operator has made.</summary>
/// <remarks>
/// The inviter lists this node first, and only then does this node list it. A crash in between leaves an entry there alone, which does no harm, and the same
/// token heals it: who is a peer may join again. The other way round every invitation that turns out to be no good would have to be taken back here, and
/// a crash before that would leave a peer that nobody has agreed to.
/// </remarks>
/// <param name="context">What everything needs.</param>
/// <param name="certificate">This node's.</param>
internal sealed class InvitationAcceptance(PeerContext context, SslStreamCertificateContext certificate)
{
    /// <summary>Joins, and makes the inviter a peer.</summary>
    /// <exception cref="Storage.StorageException">The store cannot be written now, or is closing.</exception>
    public async Task<JoinResult> RunAsync(string text, CancellationToken cancellationToken)
    {
        if (!InvitationToken.TryParse(text, out InvitationToken? token, out string? fault))
            return new JoinResult(false, true, null, fault);
        if (token.Inviter == context.Node.Links.Self)
            return new JoinResult(false, true, token.Inviter, "this node has made the invitation itself: it is for another one");
        if (token.Expires <= context.Time.GetUtcNow())
            return new JoinResult(false, true, token.Inviter, $"the invitation has expired at {token.Expires:u}");

        List<string> faults = [];
        foreach (string address in token.Addresses)
        {
            try
            {
                await JoinAsync(PeerAddress.Parse(address), token, cancellationToken).ConfigureAwait(false);
                await context.Node.Links.Book.AddAsync(token.Inviter, token.Addresses, cancellationToken).ConfigureAwait(false);
                PeerLog.Accepted(context.Logger, token.Inviter.ToString());
                return new JoinResult(true, true, token.Inviter, null);
            }
            catch (PeerUnreachableException e)
            {
                faults.Add(e.Message);
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
            {
                faults.Add($"{address}: {e.Status.Detail}");
            }
            catch (RpcException e)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return new JoinResult(false, true, token.Inviter, $"{address} refuses: {e.Status.Detail}");
            }
        }

        return new JoinResult(false, false, token.Inviter, string.Join("; ", faults));
    }

    private async Task JoinAsync(PeerAddress address, InvitationToken token, CancellationToken cancellationToken)
    {
        using PeerConnection connection = await PeerConnection.OpenAsync(
            address, token.Inviter, certificate, new ByteCount(context.Node.Peers), context.Options.Timeout, context.Time, cancellationToken).ConfigureAwait(false);
        using var timer = new CancellationTokenSource(context.Options.Timeout, context.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        var request = new JoinRequest { Secret = ByteString.CopyFrom(token.Secret.Span), Addresses = { context.Addresses } };
        try
        {
            await new PeerService.PeerServiceClient(connection.Channel).JoinAsync(request, cancellationToken: limit.Token).ConfigureAwait(false);
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Cancelled && !cancellationToken.IsCancellationRequested)
        {
            throw new PeerUnreachableException($"{address} does not answer");
        }
    }
}
