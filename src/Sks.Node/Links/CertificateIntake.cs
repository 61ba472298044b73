using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>What a peer says a certificate consists of.</summary>
/// <param name="Digest">Digest of its clean view.</param>
/// <param name="Identity">Which certificate.</param>
/// <param name="Size">Bytes of all packets.</param>
/// <param name="PacketHashes">8 bytes per packet, see <see cref="OfferedCertificate.HashPackets"/>.</param>
public sealed record CertificateOutline(ContentDigest Digest, CertificateIdentity Identity, long Size, ReadOnlyMemory<byte> PacketHashes);

/// <summary>What of an offered certificate to take.</summary>
/// <param name="Missing">One bit per packet that is not held; null for everything.</param>
/// <param name="Declined">Why nothing is taken; null when something is.</param>
public sealed record TakePlan(byte[]? Missing, RefusalReason? Declined);

/// <summary>What came of a certificate that a peer gave.</summary>
public enum IntakeResult
{
    /// <summary>This node holds just that now.</summary>
    Held,

    /// <summary>This node holds something else, of which it is a part, or that it has become a part of.</summary>
    Merged,

    /// <summary>What was sent and what was held did not make what was offered: the whole certificate is to be fetched.</summary>
    Incomplete,

    /// <summary>It is refused.</summary>
    Refused,
}

/// <summary>Takes in what peers give: believes nothing, verifies everything.</summary>
public sealed class CertificateIntake
{
    internal CertificateIntake(CertificateStore store, CertificateIngest ingest, OpenPgpLimits limits) => throw new NotImplementedException();

    /// <summary>Works out what of an offered certificate is missing here.</summary>
    /// <exception cref="StorageException">The store is closing, or the record is damaged.</exception>
    public TakePlan Plan(CertificateOutline outline, int policyVersion) => throw new NotImplementedException();

    /// <summary>Has a whole clean view stored.</summary>
    /// <param name="prefix">First 8 bytes of the digest by which it was wanted, big-endian.</param>
    /// <param name="packets">Its packets.</param>
    /// <param name="policyVersion">The policy of the view.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in the queue.</param>
    /// <returns>What came of it, why when it is refused, its digest if it could be worked out, and what this node holds now in its place.</returns>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public Task<(IntakeResult Result, RefusalReason? Reason, ContentDigest? Digest, ContentDigest? Ours)> TakeAsync(
        ulong prefix, ReadOnlyMemory<byte> packets, int policyVersion, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Puts what was sent and what is held together, and has it stored.</summary>
    /// <param name="outline">What was offered.</param>
    /// <param name="missing">Which of its packets were asked for.</param>
    /// <param name="packets">Those packets.</param>
    /// <param name="policyVersion">The policy of the view.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in the queue.</param>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public Task<(IntakeResult Result, RefusalReason? Reason, ContentDigest? Digest, ContentDigest? Ours)> TakeAsync(
        CertificateOutline outline, ReadOnlyMemory<byte> missing, ReadOnlyMemory<byte> packets, int policyVersion, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
