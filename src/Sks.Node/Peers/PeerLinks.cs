using System.Text;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node.Peers;

/// <summary>Keeps the aliases of SKS peers in the store.</summary>
/// <remarks>
/// Keys: kind byte 1 ‖ length of the peer's name ‖ its name ‖ offered digest. The name is that of the peer, and for dialects other than SKS's a zero byte and the
/// profile behind it: what a peer offers in one dialect says nothing in another.
/// </remarks>
/// <param name="store">Where.</param>
internal sealed class PeerLinks(CertificateStore store)
{
    private const byte SksPeerKind = 1;

    /// <summary>Longest name of a peer, in bytes of UTF-8.</summary>
    public const int MaxNameBytes = byte.MaxValue;

    /// <summary>The aliases of a peer.</summary>
    /// <exception cref="StorageException">The store is closing.</exception>
    public IReadOnlyList<PeerAlias> Read(string peer)
    {
        byte[] prefix = Prefix(peer);
        List<PeerAlias> aliases = [];
        foreach ((byte[] key, byte[] value) in store.ReadLinks(prefix))
        {
            if (key.Length == prefix.Length + SksDigest.Length
                && PeerAlias.Decode(SksDigest.Read(key.AsSpan(prefix.Length)), value) is { } alias)
            {
                aliases.Add(alias);
            }
        }

        return aliases;
    }

    /// <summary>Writes and removes aliases of a peer.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public Task WriteAsync(string peer, IEnumerable<PeerAlias> added, IEnumerable<SksDigest> removed, CancellationToken cancellationToken) =>
        store.WriteLinksAsync(
            [
                .. removed.Select(digest => (Key(peer, digest), (byte[]?)null)),
                .. added.Select(alias => (Key(peer, alias.Offered), (byte[]?)alias.EncodeValue())),
            ],
            cancellationToken);

    private static byte[] Prefix(string peer)
    {
        byte[] name = Encoding.UTF8.GetBytes(peer);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, MaxNameBytes, nameof(peer));
        return [SksPeerKind, (byte)name.Length, .. name];
    }

    private static byte[] Key(string peer, SksDigest digest)
    {
        byte[] prefix = Prefix(peer);
        byte[] key = new byte[prefix.Length + SksDigest.Length];
        prefix.CopyTo(key, 0);
        digest.Write(key.AsSpan(prefix.Length));
        return key;
    }
}
