using System.Buffers.Binary;
using RocksDbSharp;
using Sks.Reconciliation;

namespace Sks.Storage;

/// <summary>What the partition tree of a profile must be like, kept in <see cref="Family.Meta"/> and changed in the same batch as the tree.</summary>
/// <remarks>
/// Differences per request, bits per level, elements of a leaf (4 each, big-endian), then the number of elements (8). Missing while the tree is being
/// built, and in stores of formats before 3: the next start builds it then.
/// </remarks>
/// <param name="Shape">The shape of the tree.</param>
/// <param name="Count">How many elements are in it.</param>
internal sealed record TreeSummary(TreeShape Shape, long Count)
{
    private const int EncodedLength = (3 * sizeof(int)) + sizeof(long);

    /// <summary>Where it is in <see cref="Family.Meta"/>: dialects add their profile byte to the key.</summary>
    public static byte[] RowKey(byte profile) => profile == KeyCodec.SksProfile ? [.. "tree"u8] : [.. "tree:"u8, profile];

    /// <summary>Reads it; null when the tree is not there.</summary>
    public static TreeSummary? Read(Database database, byte profile) => Decode(database.Rocks.Get(RowKey(profile), database[Family.Meta]));

    /// <summary>Reads a row; null when it is none.</summary>
    public static TreeSummary? Decode(byte[]? row)
    {
        if (row is not { Length: EncodedLength })
            return null;
        int mbar = BinaryPrimitives.ReadInt32BigEndian(row);
        int bitQuantum = BinaryPrimitives.ReadInt32BigEndian(row.AsSpan(4));
        int leafSize = BinaryPrimitives.ReadInt32BigEndian(row.AsSpan(8));
        return TreeShape.IsPossible(mbar, bitQuantum, leafSize)
            ? new TreeSummary(new TreeShape(mbar, bitQuantum, leafSize), BinaryPrimitives.ReadInt64BigEndian(row.AsSpan(12)))
            : null;
    }

    /// <summary>Adds the row to a batch.</summary>
    public void Write(WriteBatch batch, Database database, byte profile)
    {
        Span<byte> row = stackalloc byte[EncodedLength];
        BinaryPrimitives.WriteInt32BigEndian(row, Shape.Mbar);
        BinaryPrimitives.WriteInt32BigEndian(row[4..], Shape.BitQuantum);
        BinaryPrimitives.WriteInt32BigEndian(row[8..], Shape.LeafSize);
        BinaryPrimitives.WriteInt64BigEndian(row[12..], Count);
        batch.Put(RowKey(profile), row, database[Family.Meta]);
    }

    /// <summary>Adds the removal of the row to a batch: the tree is about to be built anew.</summary>
    public static void Delete(WriteBatch batch, Database database, byte profile) => batch.Delete(RowKey(profile), database[Family.Meta]);
}
