using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>The peers of our own kind, kept in the store. For any number of threads.</summary>
public sealed class PeerBook
{
    internal PeerBook(CertificateStore store, TimeProvider time) => throw new NotImplementedException();

    /// <summary>All peers, ordered by id.</summary>
    public IReadOnlyList<PeerEntry> ReadAll() => throw new NotImplementedException();

    /// <summary>A peer; null when it is none.</summary>
    public PeerEntry? Find(NodeId id) => throw new NotImplementedException();

    /// <summary>Adds a peer, or gives it other addresses; answers when it is on disk.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public Task AddAsync(NodeId id, IReadOnlyList<string> addresses, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Removes a peer with everything that is kept for it; answers when it is on disk.</summary>
    /// <returns>Whether it was one.</returns>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public Task<bool> RemoveAsync(NodeId id, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Ends when the book has changed since <paramref name="version"/>; returns the version of now.</summary>
    public Task<int> WaitForChangeAsync(int version, CancellationToken cancellationToken) => throw new NotImplementedException();
}
