using System.Buffers;
using System.Buffers.Binary;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>The table at the end of a record: number of packets (4), then per packet verdict (1) and length with header (4).</summary>
internal static class RecordPacketTable
{
    private const int CountLength = 4;
    private const int EntryLength = 5;

    /// <summary>Bytes of a table.</summary>
    public static int GetLength(int packets) => CountLength + (packets * EntryLength);

    /// <summary>Writes a table.</summary>
    public static void Write(Span<byte> table, IReadOnlyList<(Packet Packet, PacketVerdict Verdict)> packets)
    {
        BinaryPrimitives.WriteInt32BigEndian(table, packets.Count);
        Span<byte> entry = table[CountLength..];
        for (int i = 0; i < packets.Count; i++)
        {
            entry[0] = (byte)packets[i].Verdict;
            BinaryPrimitives.WriteInt32BigEndian(entry[1..], PacketWriter.GetLength(packets[i].Packet));
            entry = entry[EntryLength..];
        }
    }

    /// <summary>Whether the table is as long as it says.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> record, int offset)
    {
        if (offset < 0 || offset > record.Length - CountLength)
            return false;
        int count = BinaryPrimitives.ReadInt32BigEndian(record[offset..]);
        return count > 0 && count <= (record.Length - offset - CountLength) / EntryLength;
    }

    /// <summary>How many packets a whole table is about.</summary>
    public static int ReadCount(ReadOnlySpan<byte> record, int offset) => BinaryPrimitives.ReadInt32BigEndian(record[offset..]);

    /// <summary>Reads the verdicts on the packets of a view.</summary>
    /// <param name="record">The record.</param>
    /// <param name="outline">Where its parts are.</param>
    /// <param name="view">The view.</param>
    /// <param name="verdicts">Receives as many as the view has packets; all are "not examined" when they were found by other rules.</param>
    /// <returns>False when the record is damaged.</returns>
    public static bool TryReadVerdicts(byte[] record, in RecordOutline outline, in StoredView view, Span<PacketVerdict> verdicts)
    {
        ReadOnlySpan<byte> table = record.AsSpan(outline.TableOffset);
        int count = BinaryPrimitives.ReadInt32BigEndian(table);
        ReadOnlySpan<byte> entries = table[CountLength..];
        bool counts = CertificateRecord.ReadRules(record) == CertificateExamination.RulesVersion;
        int[] starts = ArrayPool<int>.Shared.Rent(count);
        try
        {
            int start = outline.PacketsOffset;
            for (int i = 0; i < count; i++)
            {
                starts[i] = start;
                start += LengthOf(entries, i);
            }

            if (start != outline.TableOffset)
                return false;

            int next = 0;
            for (int slice = 0; slice < view.SliceCount; slice++)
            {
                (int offset, int length) = view.ReadRange(slice);
                int packet = Array.BinarySearch(starts, 0, count, offset);
                for (; length > 0; length -= LengthOf(entries, packet), packet++)
                {
                    if (packet < 0 || packet >= count || next == verdicts.Length)
                        return false;
                    verdicts[next++] = counts ? (PacketVerdict)entries[packet * EntryLength] : PacketVerdict.NotExamined;
                }

                if (length < 0)
                    return false;
            }

            return next == verdicts.Length;
        }
        finally
        {
            ArrayPool<int>.Shared.Return(starts);
        }
    }

    // A negative or absurd length makes the sum miss the end, as packets are contiguous.
    private static int LengthOf(ReadOnlySpan<byte> entries, int packet) =>
        BinaryPrimitives.ReadInt32BigEndian(entries[((packet * EntryLength) + 1)..]);
}
