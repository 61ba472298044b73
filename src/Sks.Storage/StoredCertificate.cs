using System.Buffers;
using System.Buffers.Binary;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>A certificate as the store holds it.</summary>
/// <param name="Identity">Which certificate.</param>
/// <param name="Version">Sequence of the change that wrote it last.</param>
/// <param name="SksDigest">Digest of the full view.</param>
/// <param name="FullView">All packets with SKS's headers, ready to send.</param>
/// <param name="FullViewCrc24">Armor checksum of <paramref name="FullView"/>.</param>
public sealed record StoredCertificate(
    CertificateIdentity Identity, ulong Version, SksDigest SksDigest, ReadOnlyMemory<byte> FullView, uint FullViewCrc24)
{
    /// <summary>What would be stored if these were the packets; nothing is written.</summary>
    /// <param name="packets">Some of the packets of this certificate.</param>
    public StoredCertificate With(Certificate packets) => CertificateRecord.Decode(Identity, CertificateRecord.Encode(packets, Version));

    /// <summary>Reads the packets of the full view.</summary>
    public Certificate ReadFullView() =>
        CertificateReader.TryRead(FullView, OpenPgpLimits.Unlimited, out Certificate certificate, out ParseError error)
            ? certificate
            : throw new StorageException(StorageErrorKind.Corrupt, $"The record of {Identity.Fingerprint} cannot be read: {error.Code}.");

    /// <summary>When the primary key says it was made, in seconds since 1970 UTC.</summary>
    public uint ReadCreationTime()
    {
        const int VersionLength = 1;
        bool hasKey = PacketHeader.TryRead(FullView.Span, out PacketHeader header, out _) == OperationStatus.Done
            && FullView.Length >= header.HeaderLength + VersionLength + sizeof(uint);
        return hasKey
            ? BinaryPrimitives.ReadUInt32BigEndian(FullView.Span[(header.HeaderLength + VersionLength)..])
            : throw new StorageException(StorageErrorKind.Corrupt, $"The record of {Identity.Fingerprint} cannot be read.");
    }
}
