using System.Buffers.Binary;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>How a certificate lies in the store.</summary>
/// <remarks>
/// <code>
/// offset  bytes  what (integers big-endian)
///      0      1  layout, 1
///      1      1  flags: bit 0 full view, bit 1 clean view (not written yet)
///      2      8  version: sequence of the change that wrote the record
///     10      4  offset of the packet table
///     14     16  digest of the full view
///     30      3  CRC-24 of the full view
///     33      4  number of slices of the full view, then per slice offset (4) and length (4)
///      …      …  the packets with SKS's headers, each once
///      …      …  packet table: number of packets (4), then per packet verdict (1) and length with header (4)
/// </code>
/// A view is a list of slices of the record, ready to send; views share the packets. Verdicts are 0, "not looked at", until
/// signatures are verified on the way in.
/// </remarks>
internal static class CertificateRecord
{
    private const byte Layout = 1;
    private const byte HasFullView = 1;
    private const int FlagsOffset = 1;
    private const int VersionOffset = 2;
    private const int TableOffset = 10;
    private const int DigestOffset = 14;
    private const int CrcOffset = 30;
    private const int SlicesOffset = 33;
    private const int SliceLength = 8;
    private const int PacketsOffset = SlicesOffset + 4 + SliceLength;
    private const int TableEntryLength = 5;

    /// <summary>Encodes a record; the writer fills in the version.</summary>
    public static byte[] Encode(Certificate certificate)
    {
        int viewLength = certificate.GetLength();
        int tableOffset = PacketsOffset + viewLength;
        int packetCount = certificate.PacketCount;
        var record = new byte[tableOffset + 4 + (packetCount * TableEntryLength)];
        Span<byte> span = record;

        certificate.Write(span[PacketsOffset..]);
        span[0] = Layout;
        span[FlagsOffset] = HasFullView;
        BinaryPrimitives.WriteInt32BigEndian(span[TableOffset..], tableOffset);
        certificate.Digest.Write(span[DigestOffset..]);
        uint crc = Crc24.Compute(span.Slice(PacketsOffset, viewLength));
        BinaryPrimitives.WriteUInt16BigEndian(span[CrcOffset..], (ushort)(crc >> 8));
        span[CrcOffset + 2] = (byte)crc;
        BinaryPrimitives.WriteInt32BigEndian(span[SlicesOffset..], 1);
        BinaryPrimitives.WriteInt32BigEndian(span[(SlicesOffset + 4)..], PacketsOffset);
        BinaryPrimitives.WriteInt32BigEndian(span[(SlicesOffset + 8)..], viewLength);

        BinaryPrimitives.WriteInt32BigEndian(span[tableOffset..], packetCount);
        Span<byte> entry = span[(tableOffset + 4)..];
        foreach (Packet packet in certificate.Packets)
        {
            BinaryPrimitives.WriteInt32BigEndian(entry[1..], PacketWriter.GetLength(packet));
            entry = entry[TableEntryLength..];
        }

        return record;
    }

    /// <summary>Decodes a record; the result refers to its memory.</summary>
    /// <exception cref="StorageException">The record is none.</exception>
    public static StoredCertificate Decode(CertificateIdentity identity, ReadOnlyMemory<byte> record)
    {
        ReadOnlySpan<byte> span = record.Span;
        if (span.Length < PacketsOffset || span[0] != Layout || span[FlagsOffset] != HasFullView)
            throw Corrupt(identity);

        uint crc = ((uint)BinaryPrimitives.ReadUInt16BigEndian(span[CrcOffset..]) << 8) | span[CrcOffset + 2];
        return new StoredCertificate(
            identity,
            ReadVersion(span),
            SksDigest.Read(span[DigestOffset..]),
            ReadView(identity, record, SlicesOffset),
            crc);
    }

    /// <summary>Reads a row of <see cref="Family.Certificates"/> and takes nothing in it for granted.</summary>
    /// <returns>Null when its packets cannot be read, or are those of another certificate.</returns>
    public static (StoredCertificate Stored, Certificate Packets)? TryRead(ReadOnlySpan<byte> key, byte[] record)
    {
        try
        {
            StoredCertificate stored = Decode(CertificateIdentity.Read(key), record);
            Certificate packets = stored.ReadFullView();
            return packets.Identity == stored.Identity ? (stored, packets) : null;
        }
        catch (Exception e) when (e is StorageException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The record as it should be for a certificate that is stored already.</summary>
    public static byte[] Encode(Certificate certificate, ulong version)
    {
        byte[] record = Encode(certificate);
        WriteVersion(record, version);
        return record;
    }

    /// <summary>The version in an encoded record.</summary>
    public static ulong ReadVersion(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt64BigEndian(record[VersionOffset..]);

    /// <summary>Puts the version into an encoded record.</summary>
    public static void WriteVersion(Span<byte> record, ulong version) =>
        BinaryPrimitives.WriteUInt64BigEndian(record[VersionOffset..], version);

    private static ReadOnlyMemory<byte> ReadView(CertificateIdentity identity, ReadOnlyMemory<byte> record, int slicesOffset)
    {
        ReadOnlySpan<byte> span = record.Span;
        int count = BinaryPrimitives.ReadInt32BigEndian(span[slicesOffset..]);
        int offset = count == 1 ? BinaryPrimitives.ReadInt32BigEndian(span[(slicesOffset + 4)..]) : 0;
        int length = count == 1 ? BinaryPrimitives.ReadInt32BigEndian(span[(slicesOffset + 8)..]) : 0;
        return count == 1 && offset >= PacketsOffset && length > 0 && offset <= span.Length - length
            ? record.Slice(offset, length)
            : throw Corrupt(identity);
    }

    private static StorageException Corrupt(CertificateIdentity identity) =>
        new(StorageErrorKind.Corrupt, $"The record of {identity.Fingerprint} is damaged.");
}
