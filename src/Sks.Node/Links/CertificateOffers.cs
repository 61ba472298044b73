using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>Why something is not taken or not given.</summary>
public enum RefusalReason
{
    /// <summary>It is held already, or on its way.</summary>
    Held = 1,

    /// <summary>It is not held, or no more.</summary>
    NotHeld = 2,

    /// <summary>A restriction forbids it.</summary>
    Restricted = 3,

    /// <summary>It is too large.</summary>
    TooLarge = 4,

    /// <summary>It is not what its digest says, or not a clean view.</summary>
    Invalid = 5,

    /// <summary>Not now.</summary>
    Busy = 6,
}

/// <summary>A clean view that can be given to a peer.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Identity">Which certificate.</param>
/// <param name="Packets">Its packets in canonical order, ready to send.</param>
public sealed record OfferedCertificate(ContentDigest Digest, CertificateIdentity Identity, ReadOnlyMemory<byte> Packets)
{
    /// <summary>First 8 bytes of the SHA-256 of each packet with its header, in order.</summary>
    public byte[] HashPackets() => throw new NotImplementedException();

    /// <summary>Some of the packets.</summary>
    /// <param name="bits">One bit per packet, the lowest of the first byte first.</param>
    /// <returns>Null when the bits do not fit the packets.</returns>
    public ReadOnlyMemory<byte>? Select(ReadOnlySpan<byte> bits) => throw new NotImplementedException();
}

/// <summary>Finds what peers ask for.</summary>
public sealed class CertificateOffers
{
    internal CertificateOffers(CertificateStore store, Restrictions.RestrictionService restrictions) => throw new NotImplementedException();

    /// <summary>The clean view whose digest starts with a prefix.</summary>
    /// <param name="prefix">First 8 bytes of the digest, big-endian. Where several have it, the first is given.</param>
    /// <param name="policyVersion">The policy of the view.</param>
    /// <param name="reason">Why there is none.</param>
    /// <exception cref="StorageException">The store is closing, or the record is damaged.</exception>
    public OfferedCertificate? Find(ulong prefix, int policyVersion, out RefusalReason reason) => throw new NotImplementedException();
}
