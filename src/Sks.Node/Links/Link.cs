using Sks.OpenPgp;
using Sks.Reconciliation.Sketches;
using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>The key of a link.</summary>
/// <param name="Epoch">Counts the keys of the link from 1.</param>
/// <param name="Secret">32 bytes.</param>
/// <param name="Made">When.</param>
public sealed record LinkKey(uint Epoch, ReadOnlyMemory<byte> Secret, DateTimeOffset Made);

/// <summary>What is kept for the link to one peer: key, sketch, cursor, phantoms. For any number of threads.</summary>
/// <remarks>
/// Phantoms are what the peer holds and this node refuses, or the other way round: in the link's sketch this node makes as if it held them, so that they
/// cancel out. They are bounded, expire, and end when this node comes to hold them or the peer is seen to hold them no more.
/// </remarks>
public sealed class Link
{
    internal Link() => throw new NotImplementedException();

    /// <summary>The other end.</summary>
    public NodeId Peer => throw new NotImplementedException();

    /// <summary>The key; null when none was agreed on.</summary>
    public LinkKey? Key => throw new NotImplementedException();

    /// <summary>How far the peer's change log was followed when the link was up last; null for not yet.</summary>
    public ChangeCursor? Cursor => throw new NotImplementedException();

    /// <summary>How many phantoms there are.</summary>
    public int PhantomCount => throw new NotImplementedException();

    /// <summary>Agrees on a new key, which makes the sketch void.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public Task SetKeyAsync(LinkKey key, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Notes how far the peer's log was followed.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public Task SetCursorAsync(ChangeCursor cursor, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The set of now as the peer gets to see it: clean views of a policy, and phantoms. Builds the sketch when there is none: takes seconds then.</summary>
    /// <exception cref="StorageException">The store is closing.</exception>
    public Task<(SketchImage Image, IDigestSet Set)> FreezeAsync(int policyVersion, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Whether something with this prefix is a phantom.</summary>
    public bool IsPhantom(ulong prefix) => throw new NotImplementedException();

    /// <summary>Makes a phantom of what one of the two refuses.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public Task AddPhantomAsync(ContentDigest digest, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Notes that the peer holds no element with these prefixes any more: phantoms of them end.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public Task DropPhantomsAsync(IReadOnlyCollection<ulong> prefixes, CancellationToken cancellationToken) => throw new NotImplementedException();
}
