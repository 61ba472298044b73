using System.Buffers.Binary;
using Sks.OpenPgp;

namespace Sks.Storage.Tests;

/// <summary>Writes what releases with format 1 wrote.</summary>
internal static class FirstLayout
{
    private const int PacketsOffset = 45;

    /// <summary>A record: only a full view, and verdicts that mean nothing.</summary>
    public static byte[] Encode(Certificate certificate, ulong version)
    {
        int tableOffset = PacketsOffset + certificate.GetLength();
        var record = new byte[tableOffset + 4 + (certificate.PacketCount * 5)];
        Span<byte> span = record;
        certificate.Write(span[PacketsOffset..]);
        span[0] = 1;
        span[1] = 1;
        BinaryPrimitives.WriteUInt64BigEndian(span[2..], version);
        BinaryPrimitives.WriteInt32BigEndian(span[10..], tableOffset);
        certificate.Digest.Write(span[14..]);
        uint crc = Crc24.Compute(span[PacketsOffset..tableOffset]);
        BinaryPrimitives.WriteUInt16BigEndian(span[30..], (ushort)(crc >> 8));
        span[32] = (byte)crc;
        BinaryPrimitives.WriteInt32BigEndian(span[33..], 1);
        BinaryPrimitives.WriteInt32BigEndian(span[37..], PacketsOffset);
        BinaryPrimitives.WriteInt32BigEndian(span[41..], certificate.GetLength());
        BinaryPrimitives.WriteInt32BigEndian(span[tableOffset..], certificate.PacketCount);
        Span<byte> entry = span[(tableOffset + 4)..];
        foreach (Packet packet in certificate.Packets)
        {
            BinaryPrimitives.WriteInt32BigEndian(entry[1..], PacketWriter.GetLength(packet));
            entry = entry[5..];
        }

        return record;
    }

    /// <summary>Makes a closed, empty store one of format 1 with these certificates.</summary>
    public static void Fill(string folder, IReadOnlyList<Certificate> certificates) => RawStore.Edit(folder, (batch, database) =>
    {
        ulong sequence = 0;
        foreach (Certificate certificate in certificates)
        {
            byte[] record = Encode(certificate, ++sequence);
            batch.Put(certificate.Identity.Span.ToArray(), record, database[Family.Certificates]);
            foreach (DerivedRow row in DerivedRows.Of(CertificateRecord.Decode(certificate.Identity, record)))
                batch.Put(row.Key, row.Value, database[row.Family]);
        }

        var state = new byte[32];
        BinaryPrimitives.WriteUInt64BigEndian(state, 5);
        BinaryPrimitives.WriteUInt64BigEndian(state.AsSpan(8), sequence);
        BinaryPrimitives.WriteUInt64BigEndian(state.AsSpan(16), sequence);
        BinaryPrimitives.WriteInt64BigEndian(state.AsSpan(24), certificates.Count);
        batch.Put("state"u8, state, database[Family.Meta]);
        batch.Put("format"u8, [0, 0, 0, 1], database[Family.Meta]);
        batch.Delete("views"u8, database[Family.Meta]);
        batch.Delete("tree"u8, database[Family.Meta]);
    });
}
