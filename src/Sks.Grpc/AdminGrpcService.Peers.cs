using Grpc.Core;
using Sks.Admin.V1;

namespace Sks.Grpc;

/// <content>The peers.</content>
internal sealed partial class AdminGrpcService
{
    public override Task<ListPeersResponse> ListPeers(ListPeersRequest request, ServerCallContext context)
    {
        var response = new ListPeersResponse();
        response.Peers.AddRange(node.Peers.Read().Select(static peer => peer.ToMessage()));
        return Task.FromResult(response);
    }
}
