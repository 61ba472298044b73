using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>How a certificate lies in the store. Frozen: a change here is a new layout and <see cref="StoreFormat"/>.</summary>
/// <remarks>
/// <code>
/// offset  bytes  what (integers big-endian)
///      0      1  layout, 2
///      1      1  flags: bit 0 there is a full view, bit 1 there is a clean view with packets, bit 2 there are digests of dialects
///      2      8  version: see StoredCertificate
///     10      1  number of the rules by which the verdicts were found
///     11      1  number of clean views, 1 to 255
///     12      4  offset of the packet table
///     16      …  clean views, newest policy first: policy version (4), content digest (32), view;
///                all but the version zeros when nothing is proven
///      …      …  full view, if there is one: SKS digest (16), view
///      …      …  packets with SKS's headers: those of the first view in one piece, then what the others have besides
///      …      …  packet table, see RecordPacketTable
///      …      …  digests of dialects, if there are any, see RecordDialects; since format 4
///
/// view: CRC-24 (3), length of all slices (4), number of slices (4), per slice its offset (4) and length (4)
/// </code>
/// <para>A view is a list of slices of the record, ready to send; views share the packets. The one that is served comes first
/// and lies in one piece.</para>
/// <para>Layout 1, of format 1, has only a full view: digest (16) at 14, CRC-24 (3), number of slices (4), always 1, offset and length (4
/// each), packets and table; its offset 10 is that of the table, and its verdicts mean nothing.</para>
/// </remarks>
internal static class CertificateRecord
{
    /// <summary>The layout before clean views.</summary>
    public const byte FirstLayout = 1;

    private const byte Layout = 2;
    private const byte HasFullView = 1;
    private const byte HasCleanView = 2;
    private const byte HasDialects = 4;
    private const int FlagsOffset = 1;
    private const int VersionOffset = 2;
    private const int RulesOffset = 10;
    private const int CleanCountOffset = 11;
    private const int TableOffset = 12;
    private const int ViewsOffset = 16;

    private const int PolicyLength = 4;
    private const int CrcLength = 3;
    private const int ViewHeaderLength = CrcLength + 4 + 4;
    private const int CleanHeaderLength = PolicyLength + ContentDigest.Length;

    private const int FirstTableOffset = 10;
    private const int FirstDigestOffset = 14;
    private const int FirstCrcOffset = FirstDigestOffset + SksDigest.Length;
    private const int FirstSlicesOffset = FirstCrcOffset + CrcLength;
    private const int FirstPacketsOffset = FirstSlicesOffset + 4 + StoredView.SliceBytes;

    // What is added to a version when a record is written without a change that has a sequence.
    private const ulong Rewrite = 1UL << 56;

    /// <summary>Encodes a record; the writer fills in the version.</summary>
    /// <param name="views">The views.</param>
    /// <param name="dialects">What follows from them for dialects; null for none.</param>
    public static byte[] Encode(CertificateViews views, IReadOnlyList<DialectDigest>? dialects = null)
    {
        dialects ??= [];
        // Newest policy first, so that what is served lies first.
        var packets = new RecordPackets();
        var clean = new List<(int Offset, int Length)>?[views.Clean.Count];
        for (int i = clean.Length - 1; i >= 0; i--)
            clean[i] = views.VerifiedClean(i) is { } verified ? packets.Add(verified) : null;
        List<(int Offset, int Length)>? full = views.VerifiedFull is { } verifiedFull ? packets.Add(verifiedFull) : null;

        int packetsOffset = ViewsOffset
            + clean.Sum(static slices => CleanHeaderLength + GetViewLength(slices))
            + (full is null ? 0 : SksDigest.Length + GetViewLength(full));
        int tableOffset = checked(packetsOffset + packets.Length);
        int dialectsOffset = checked(tableOffset + RecordPacketTable.GetLength(packets.Packets.Count));
        var record = new byte[checked(dialectsOffset + RecordDialects.GetLength(dialects.Count))];
        Span<byte> span = record;
        packets.Write(span[packetsOffset..tableOffset]);
        RecordPacketTable.Write(span[tableOffset..], packets.Packets);
        RecordDialects.Write(span[dialectsOffset..], dialects);

        span[0] = Layout;
        span[FlagsOffset] = (byte)((full is null ? 0 : HasFullView)
            | (clean.Any(static slices => slices is not null) ? HasCleanView : 0)
            | (dialects.Count == 0 ? 0 : HasDialects));
        span[RulesOffset] = CertificateExamination.RulesVersion;
        span[CleanCountOffset] = checked((byte)clean.Length);
        BinaryPrimitives.WriteInt32BigEndian(span[TableOffset..], tableOffset);
        var writer = new ViewWriter(record, ViewsOffset, packetsOffset);
        for (int i = clean.Length - 1; i >= 0; i--)
        {
            writer.WriteNumber(views.Clean[i].PolicyVersion);
            writer.WriteDigest(views.Clean[i].Digest);
            writer.WriteView(clean[i]);
        }

        if (full is not null)
        {
            writer.WriteDigest(views.Full!.Digest);
            writer.WriteView(full);
        }

        return record;
    }

    /// <summary>The record as it should be for views that are stored already.</summary>
    public static byte[] Encode(CertificateViews views, ulong version, IReadOnlyList<DialectDigest>? dialects = null)
    {
        byte[] record = Encode(views, dialects);
        WriteVersion(record, version);
        return record;
    }

    /// <summary>Decodes a record; the result refers to it.</summary>
    /// <exception cref="StorageException">The record is none.</exception>
    public static StoredCertificate Decode(CertificateIdentity identity, byte[] record)
    {
        bool reads = record.Length > 0 && record[0] == FirstLayout
            ? TryReadFirstLayout(record, out RecordOutline outline)
            : TryReadOutline(record, out outline);
        return reads
            ? new StoredCertificate(identity, record, outline)
            : throw new StorageException(StorageErrorKind.Corrupt, $"The record of {identity.Fingerprint} is damaged.");
    }

    /// <summary>The version in an encoded record; 0 in a damaged one that is too short to hold any.</summary>
    public static ulong ReadVersion(ReadOnlySpan<byte> record) =>
        record.Length < VersionOffset + sizeof(ulong) ? 0 : BinaryPrimitives.ReadUInt64BigEndian(record[VersionOffset..]);

    /// <summary>Puts the version into an encoded record.</summary>
    public static void WriteVersion(Span<byte> record, ulong version) =>
        BinaryPrimitives.WriteUInt64BigEndian(record[VersionOffset..], version);

    /// <summary>The version of a record that replaces another one without a change that has a sequence.</summary>
    public static ulong NextVersion(ulong version) => unchecked(version + Rewrite);

    /// <summary>The number of the rules by which the verdicts were found; 0 when there are none.</summary>
    public static byte ReadRules(ReadOnlySpan<byte> record) => record[0] == FirstLayout ? (byte)0 : record[RulesOffset];

    /// <summary>The full view of a record that has one.</summary>
    public static StoredView ReadFullView(byte[] record, in RecordOutline outline)
    {
        if (record[0] != FirstLayout)
            return ReadView(record, outline.FullOffset + SksDigest.Length);
        int length = BinaryPrimitives.ReadInt32BigEndian(record.AsSpan(FirstSlicesOffset + 8));
        return new StoredView(record, FirstSlicesOffset + 4, 1, length, ReadCrc(record.AsSpan(FirstCrcOffset)));
    }

    /// <summary>A clean view; null when it has no packets.</summary>
    /// <param name="record">The record.</param>
    /// <param name="offset">Where the clean view begins.</param>
    public static StoredView? ReadCleanView(byte[] record, int offset)
    {
        StoredView view = ReadView(record, offset + CleanHeaderLength);
        return view.SliceCount == 0 ? null : view;
    }

    /// <summary>Digest of a clean view; null when it has no packets.</summary>
    /// <param name="record">The record.</param>
    /// <param name="offset">Where the clean view begins.</param>
    public static ContentDigest? ReadContentDigest(byte[] record, int offset) => ReadSliceCount(record, offset + CleanHeaderLength) == 0
        ? null
        : ContentDigest.Read(record.AsSpan(offset + PolicyLength));

    /// <summary>The digests of dialects, by ascending profile.</summary>
    public static IReadOnlyList<DialectDigest> ReadDialects(byte[] record, in RecordOutline outline) =>
        RecordDialects.Read(record.AsSpan(outline.DialectsOffset));

    /// <summary>Where the next clean view begins, or what is behind them.</summary>
    public static int NextCleanView(byte[] record, int offset) =>
        offset + CleanHeaderLength + ViewHeaderLength + (ReadSliceCount(record, offset + CleanHeaderLength) * StoredView.SliceBytes);

    private static int GetViewLength(List<(int Offset, int Length)>? slices) =>
        ViewHeaderLength + ((slices?.Count ?? 0) * StoredView.SliceBytes);

    private static int ReadSliceCount(ReadOnlySpan<byte> record, int viewOffset) =>
        BinaryPrimitives.ReadInt32BigEndian(record[(viewOffset + CrcLength + 4)..]);

    private static uint ReadCrc(ReadOnlySpan<byte> source) => ((uint)BinaryPrimitives.ReadUInt16BigEndian(source) << 8) | source[2];

    private static StoredView ReadView(byte[] record, int offset)
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(record.AsSpan(offset + CrcLength));
        return new StoredView(record, offset + ViewHeaderLength, ReadSliceCount(record, offset), length, ReadCrc(record.AsSpan(offset)));
    }

    private static bool TryReadOutline(byte[] record, out RecordOutline outline)
    {
        outline = default;
        if (record.Length < ViewsOffset || record[0] != Layout || (record[FlagsOffset] & (HasFullView | HasCleanView)) == 0 || record[FlagsOffset] > (HasFullView | HasCleanView | HasDialects))
            return false;
        int tableOffset = BinaryPrimitives.ReadInt32BigEndian(record.AsSpan(TableOffset));
        if (!RecordPacketTable.IsWhole(record, tableOffset))
            return false;
        int dialectsOffset = record.Length;
        if ((record[FlagsOffset] & HasDialects) != 0)
        {
            dialectsOffset = tableOffset + RecordPacketTable.GetLength(RecordPacketTable.ReadCount(record, tableOffset));
            if (!RecordDialects.IsWhole(record.AsSpan(dialectsOffset)))
                return false;
        }

        int at = ViewsOffset;
        bool isWhole = true;
        for (int i = 0; i < record[CleanCountOffset] && isWhole; i++)
            isWhole = TrySkipView(record, CleanHeaderLength, tableOffset, ref at);
        int fullOffset = (record[FlagsOffset] & HasFullView) != 0 ? at : 0;
        if (fullOffset != 0 && isWhole)
            isWhole = TrySkipView(record, SksDigest.Length, tableOffset, ref at) && ReadSliceCount(record, fullOffset + SksDigest.Length) > 0;
        outline = new RecordOutline(ViewsOffset, record[CleanCountOffset], fullOffset, at, tableOffset, dialectsOffset);
        return isWhole;
    }

    private static bool TrySkipView(byte[] record, int headerLength, int end, ref int at)
    {
        int slicesOffset = at + headerLength + ViewHeaderLength;
        if (slicesOffset > end)
            return false;
        int slices = ReadSliceCount(record, at + headerLength);
        int length = BinaryPrimitives.ReadInt32BigEndian(record.AsSpan(at + headerLength + CrcLength));
        bool isWhole = slices >= 0 && slices <= (end - slicesOffset) / StoredView.SliceBytes && length >= 0 && slices == 0 == (length == 0);
        if (isWhole)
            at = slicesOffset + (slices * StoredView.SliceBytes);

        // The usual single slice is checked here, once; several are when they are read.
        return isWhole && (slices != 1 || IsWithin(record.AsSpan(slicesOffset), length, end));
    }

    private static bool IsWithin(ReadOnlySpan<byte> slice, int length, int end)
    {
        int offset = BinaryPrimitives.ReadInt32BigEndian(slice);
        return BinaryPrimitives.ReadInt32BigEndian(slice[4..]) == length && offset > 0 && offset <= end - length;
    }

    private static bool TryReadFirstLayout(byte[] record, out RecordOutline outline)
    {
        outline = default;
        if (record.Length < FirstPacketsOffset || record[FlagsOffset] != HasFullView)
            return false;
        int tableOffset = BinaryPrimitives.ReadInt32BigEndian(record.AsSpan(FirstTableOffset));
        int length = tableOffset - FirstPacketsOffset;
        outline = new RecordOutline(0, 0, FirstDigestOffset, FirstPacketsOffset, tableOffset, record.Length);
        return RecordPacketTable.IsWhole(record, tableOffset)
            && length > 0
            && BinaryPrimitives.ReadInt32BigEndian(record.AsSpan(FirstSlicesOffset)) == 1
            && IsWithin(record.AsSpan(FirstSlicesOffset + 4), length, tableOffset);
    }

    private ref struct ViewWriter(byte[] record, int offset, int packetsOffset)
    {
        private readonly ReadOnlySpan<byte> _record = record;
        private readonly int _packetsOffset = packetsOffset;
        private Span<byte> _rest = record.AsSpan(offset);
        private List<(int Offset, int Length)>? _lastSlices;
        private uint _lastCrc;

        public void WriteNumber(int value)
        {
            BinaryPrimitives.WriteInt32BigEndian(_rest, value);
            _rest = _rest[sizeof(int)..];
        }

        public void WriteDigest(SksDigest digest)
        {
            digest.Write(_rest);
            _rest = _rest[SksDigest.Length..];
        }

        public void WriteDigest(ContentDigest? digest)
        {
            digest?.Span.CopyTo(_rest);
            _rest = _rest[ContentDigest.Length..];
        }

        public void WriteView(List<(int Offset, int Length)>? slices)
        {
            if (slices is null)
            {
                _rest = _rest[ViewHeaderLength..];
                return;
            }

            uint crc = ComputeCrc(slices);
            BinaryPrimitives.WriteUInt16BigEndian(_rest, (ushort)(crc >> 8));
            _rest[2] = (byte)crc;
            _rest = _rest[CrcLength..];
            WriteNumber(slices.Sum(static slice => slice.Length));
            WriteNumber(slices.Count);
            foreach ((int offset, int length) in slices)
            {
                WriteNumber(_packetsOffset + offset);
                WriteNumber(length);
            }
        }

        // Most often all views are the same bytes.
        private uint ComputeCrc(List<(int Offset, int Length)> slices)
        {
            if (_lastSlices is not null && CollectionsMarshal.AsSpan(_lastSlices).SequenceEqual(CollectionsMarshal.AsSpan(slices)))
                return _lastCrc;
            uint crc = Crc24.Empty;
            foreach ((int offset, int length) in slices)
                crc = Crc24.Append(crc, _record.Slice(_packetsOffset + offset, length));
            _lastSlices = slices;
            return _lastCrc = crc;
        }
    }
}
