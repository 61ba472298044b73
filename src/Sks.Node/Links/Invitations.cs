using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>Invitations to become a peer, kept hashed in the store until they are taken up or expire.</summary>
public sealed class Invitations
{
    /// <summary>Bytes of a secret.</summary>
    public const int SecretLength = 16;

    internal Invitations(CertificateStore store, TimeProvider time) => throw new NotImplementedException();

    /// <summary>Makes an invitation: good once, for 15 minutes.</summary>
    /// <returns>Its secret.</returns>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public Task<byte[]> CreateAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Takes an invitation up and makes the guest a peer, both or neither. Five wrong secrets void all invitations.</summary>
    /// <returns>Whether there is an invitation with this secret.</returns>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public Task<bool> AcceptAsync(ReadOnlyMemory<byte> secret, NodeId guest, IReadOnlyList<string> addresses, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
