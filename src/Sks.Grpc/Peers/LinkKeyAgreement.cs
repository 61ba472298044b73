using System.Buffers.Binary;
using System.Security.Cryptography;
using Sks.Node;
using Sks.Node.Links;
using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>How the two ends of a link come to the same secret key: see docs/peers.md.</summary>
/// <remarks>Neither end can choose the key alone, and nobody else learns it, as both nonces travel inside TLS that is pinned on both sides.</remarks>
internal static class LinkKeyAgreement
{
    /// <summary>Bytes of a nonce.</summary>
    public const int NonceLength = 32;

    /// <summary>Bytes by which two ends find out whether they hold the same key.</summary>
    public const int CheckLength = 8;

    private const int SecretLength = 32;

    /// <summary>What tells a key from others without giving it away.</summary>
    public static byte[] CheckOf(LinkKey key) => HKDF.Expand(HashAlgorithmName.SHA256, key.Secret.ToArray(), CheckLength, "sks.peer.v1 check"u8.ToArray());

    /// <summary>Whether both ends hold the same key and neither wants another one.</summary>
    public static bool IsKept(Hello one, Hello other) =>
        one.KeyEpoch != 0
        && one.KeyEpoch == other.KeyEpoch
        && CryptographicOperations.FixedTimeEquals(one.KeyCheck.Span, other.KeyCheck.Span)
        && !one.NeedsNewKey
        && !other.NeedsNewKey;

    /// <summary>The key that follows from two hellos.</summary>
    /// <param name="client">Who called.</param>
    /// <param name="clientHello">What it said.</param>
    /// <param name="server">Who was called.</param>
    /// <param name="serverHello">What it said.</param>
    /// <param name="now">The time.</param>
    public static LinkKey Derive(NodeId client, Hello clientHello, NodeId server, Hello serverHello, DateTimeOffset now)
    {
        uint epoch = Math.Max(clientHello.KeyEpoch, serverHello.KeyEpoch) + 1;
        byte[] info = new byte[(2 * NodeId.Length) + sizeof(uint)];
        client.ToArray().CopyTo(info, 0);
        server.ToArray().CopyTo(info, NodeId.Length);
        BinaryPrimitives.WriteUInt32BigEndian(info.AsSpan(2 * NodeId.Length), epoch);
        byte[] nonces = [.. clientHello.Nonce.Span, .. serverHello.Nonce.Span];
        byte[] secret = HKDF.DeriveKey(HashAlgorithmName.SHA256, nonces, SecretLength, "sks.peer.v1 link"u8.ToArray(), info);
        return new LinkKey(epoch, secret, now);
    }
}
