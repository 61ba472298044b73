using Sks.OpenPgp;

namespace Sks.Node.Links;

/// <summary>What a peer says a certificate consists of.</summary>
/// <param name="Digest">Digest of its clean view.</param>
/// <param name="Identity">Which certificate.</param>
/// <param name="Size">Bytes of all packets.</param>
/// <param name="PacketHashes">8 bytes per packet, see <see cref="OfferedCertificate.HashPackets"/>; nothing where they are not known.</param>
public sealed record CertificateOutline(ContentDigest Digest, CertificateIdentity Identity, long Size, ReadOnlyMemory<byte> PacketHashes);

/// <summary>What of an offered certificate to take.</summary>
/// <param name="Missing">One bit per packet that is not held, the lowest of the first byte first; null for everything.</param>
/// <param name="Declined">Why nothing is taken; null when something is.</param>
public sealed record TakePlan(byte[]? Missing, RefusalReason? Declined);
