using Sks.OpenPgp;

namespace Sks.Node.Links;

/// <summary>Keys of the rows that are kept for peers of our own kind, beside those of SKS peers, which begin with 1.</summary>
/// <remarks>
/// 2 ‖ id: the peer book. 3 ‖ SHA-256 of a secret: an invitation; 3 alone: failed attempts. 4 ‖ id ‖ 1: the key of the link, which is as secret as the
/// node's own; 4 ‖ id ‖ 2: the cursor. 5 ‖ id: the sketch. 6 ‖ id ‖ digest: a phantom. An id has 32 bytes. Frozen: they lie on disk.
/// </remarks>
internal static class LinkKeys
{
    private const byte KindPeer = 2;
    private const byte KindInvitation = 3;
    private const byte KindState = 4;
    private const byte KindSketch = 5;
    private const byte KindPhantom = 6;
    private const byte StateSecret = 1;
    private const byte StateCursor = 2;

    /// <summary>Start of the rows of the peer book.</summary>
    public static byte[] Peers => [KindPeer];

    /// <summary>Start of the invitations, and key of the row that counts failed attempts.</summary>
    public static byte[] Invitations => [KindInvitation];

    /// <summary>A peer in the book.</summary>
    public static byte[] Peer(NodeId id) => [KindPeer, .. id.ToArray()];

    /// <summary>The peer in a key of the book; null when it is none.</summary>
    public static NodeId? ReadPeer(ReadOnlySpan<byte> key) => key.Length == 1 + NodeId.Length ? NodeId.Read(key[1..]) : null;

    /// <summary>An invitation.</summary>
    public static byte[] Invitation(ReadOnlySpan<byte> hash) => [KindInvitation, .. hash];

    /// <summary>The key of a link.</summary>
    public static byte[] Secret(NodeId peer) => [KindState, .. peer.ToArray(), StateSecret];

    /// <summary>How far the peer's log was followed.</summary>
    public static byte[] Cursor(NodeId peer) => [KindState, .. peer.ToArray(), StateCursor];

    /// <summary>The sketch of a link.</summary>
    public static byte[] Sketch(NodeId peer) => [KindSketch, .. peer.ToArray()];

    /// <summary>Start of the phantoms of a link.</summary>
    public static byte[] Phantoms(NodeId peer) => [KindPhantom, .. peer.ToArray()];

    /// <summary>A phantom.</summary>
    public static byte[] Phantom(NodeId peer, ContentDigest digest) => [KindPhantom, .. peer.ToArray(), .. digest.Span];

    /// <summary>The digest in the key of a phantom; null when it is none.</summary>
    public static ContentDigest? ReadPhantom(ReadOnlySpan<byte> key) =>
        key.Length == 1 + NodeId.Length + ContentDigest.Length ? ContentDigest.Read(key[(1 + NodeId.Length)..]) : null;

    /// <summary>Starts of all rows of a peer.</summary>
    public static IReadOnlyList<byte[]> All(NodeId peer) =>
    [
        Peer(peer),
        [KindState, .. peer.ToArray()],
        Sketch(peer),
        Phantoms(peer),
    ];
}
