using System.Security.Cryptography.X509Certificates;
using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>Everything about servers of our own kind except the protocol, which is an adapter's.</summary>
public sealed class LinkService : IAsyncDisposable
{
    internal LinkService() => throw new NotImplementedException();

    /// <summary>Who this node is.</summary>
    public NodeId Self => throw new NotImplementedException();

    /// <summary>Chosen at the start of the process: tells two processes with one identity apart. 8 bytes.</summary>
    public ReadOnlyMemory<byte> Instance => throw new NotImplementedException();

    /// <summary>The policies of which all clean views are there, by descending version.</summary>
    public IReadOnlyList<int> PolicyVersions => throw new NotImplementedException();

    /// <summary>The newest change.</summary>
    public ChangeCursor Newest => throw new NotImplementedException();

    /// <summary>Who the peers are.</summary>
    public PeerBook Book => throw new NotImplementedException();

    /// <summary>Invitations of this node.</summary>
    public Invitations Invitations => throw new NotImplementedException();

    /// <summary>Who fetches what.</summary>
    public FetchClaims Claims => throw new NotImplementedException();

    /// <summary>What can be given to peers.</summary>
    public CertificateOffers Offers => throw new NotImplementedException();

    /// <summary>What peers give.</summary>
    public CertificateIntake Intake => throw new NotImplementedException();

    /// <summary>Restrictions between peers.</summary>
    public RestrictionRelay Restrictions => throw new NotImplementedException();

    /// <summary>What is kept for a peer; always the same object for one id, until it is removed from the book.</summary>
    /// <exception cref="StorageException">The store is closing.</exception>
    public Link Get(NodeId peer) => throw new NotImplementedException();

    /// <summary>Which of these digest prefixes this node does not hold.</summary>
    /// <param name="prefixes">First 8 bytes of content digests, big-endian.</param>
    /// <param name="policyVersion">The policy of the views.</param>
    /// <exception cref="StorageException">The store is closing.</exception>
    public IReadOnlyList<ulong> FindMissing(IReadOnlyList<ulong> prefixes, int policyVersion) => throw new NotImplementedException();

    /// <summary>The node's certificate with its private key, for TLS. The caller disposes it.</summary>
    public X509Certificate2 CreateTlsCertificate() => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
