using Google.Protobuf;
using Grpc.Core;
using Sks.Admin.V1;
using Sks.Grpc.Peers;
using Sks.Node;
using Sks.Node.Links;

namespace Sks.Grpc;

/// <content>The peers.</content>
internal sealed partial class AdminGrpcService
{
    private const int MinIdDigits = 8;
    private const int MaxTokenLength = 8192;

    public override Task<ListPeersResponse> ListPeers(ListPeersRequest request, ServerCallContext context)
    {
        var response = new ListPeersResponse { NodeId = Self.ToBytes() };
        response.Peers.AddRange(node.Peers.Read().Select(static peer => peer.ToMessage()));

        // A peer that was just added is one before anything is known of it.
        response.Peers.AddRange(node.Links.Book.ReadAll().Select(static entry => entry.ToMessage())
            .ExceptBy(response.Peers.Select(static peer => peer.Name), static peer => peer.Name, StringComparer.Ordinal));
        return Task.FromResult(response);
    }

    public override async Task<InvitePeerResponse> InvitePeer(InvitePeerRequest request, ServerCallContext context)
    {
        PeerServer server = peers ?? throw ServiceError.Create(ErrorReason.NoPeerService);
        string token = await server.InviteAsync(context.CancellationToken).ConfigureAwait(false)
            ?? throw ServiceError.Create(ErrorReason.NoPeerAddress);
        return new InvitePeerResponse { Token = token, Addresses = { server.Advertised } };
    }

    public override async Task<AcceptPeerResponse> AcceptPeer(AcceptPeerRequest request, ServerCallContext context)
    {
        PeerServer server = peers ?? throw ServiceError.Create(ErrorReason.NoPeerService);
        if (request.Token.Length > MaxTokenLength)
            throw ServiceError.InvalidField("token", $"At most {MaxTokenLength} characters.");
        JoinResult result = await server.AcceptAsync(request.Token.Trim(), context.CancellationToken).ConfigureAwait(false);
        return new AcceptPeerResponse
        {
            Status = result switch
            {
                { IsAccepted: true } => AcceptPeerStatus.Accepted,
                { Inviter: null } => AcceptPeerStatus.Malformed,
                { IsReachable: false } => AcceptPeerStatus.Unreachable,
                _ => AcceptPeerStatus.Refused,
            },
            NodeId = result.Inviter?.ToBytes() ?? ByteString.Empty,
            Detail = result.Detail ?? "",
        };
    }

    public override async Task<AddPeerResponse> AddPeer(AddPeerRequest request, ServerCallContext context)
    {
        if (request.NodeId.Length != NodeId.Length)
            throw ServiceError.InvalidField("node_id", $"Must have {NodeId.Length} bytes.");
        if (request.Addresses.Count > PeerBook.MaxAddresses)
            throw ServiceError.InvalidField("addresses", $"At most {PeerBook.MaxAddresses}.");
        if (!request.Addresses.All(static address => PeerAddress.TryParse(address, out _)))
            throw ServiceError.InvalidField("addresses", "Must be HOST:PORT each, IPv6 in brackets.");

        NodeId id = NodeId.Read(request.NodeId.Span);
        if (id == Self)
            return new AddPeerResponse { Status = AddPeerStatus.Self };
        bool isKnown = node.Links.Book.Find(id) is not null;
        await node.Links.Book.AddAsync(id, [.. request.Addresses.Distinct(StringComparer.Ordinal)], context.CancellationToken).ConfigureAwait(false);
        return new AddPeerResponse { Status = isKnown ? AddPeerStatus.Updated : AddPeerStatus.Added };
    }

    public override async Task<RemovePeerResponse> RemovePeer(RemovePeerRequest request, ServerCallContext context)
    {
        if (request.Id.Length is < MinIdDigits or > 2 * NodeId.Length || !request.Id.All(char.IsAsciiHexDigit))
            throw ServiceError.InvalidField("id", $"Must be {MinIdDigits} to {2 * NodeId.Length} hex digits.");

        List<PeerEntry> found = [.. node.Links.Book.ReadAll().Where(peer => peer.Id.ToString().StartsWith(request.Id, StringComparison.OrdinalIgnoreCase))];
        if (found is not [var only])
            return new RemovePeerResponse { Status = found.Count == 0 ? RemovePeerStatus.Unknown : RemovePeerStatus.Ambiguous };
        return await node.Links.Book.RemoveAsync(only.Id, context.CancellationToken).ConfigureAwait(false)
            ? new RemovePeerResponse { Status = RemovePeerStatus.Removed, NodeId = only.Id.ToBytes() }
            : new RemovePeerResponse { Status = RemovePeerStatus.Unknown };
    }
}
