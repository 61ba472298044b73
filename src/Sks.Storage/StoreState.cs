using System.Buffers.Binary;
using System.Security.Cryptography;
using RocksDbSharp;

namespace Sks.Storage;

/// <summary>The counters of a store, kept in <see cref="Family.Meta"/> and changed in the same batch as what they count.</summary>
/// <remarks>Immutable; the writer replaces the current one after each batch.</remarks>
/// <param name="Incarnation">Names the change log.</param>
/// <param name="Sequence">The last change.</param>
/// <param name="LogStart">The oldest cursor of this incarnation that a reader may go on from.</param>
/// <param name="Certificates">How many certificates are stored.</param>
/// <param name="ServedPolicy">Version of the policy whose clean views are served; 0 in a store of format 1.</param>
internal sealed record StoreState(ulong Incarnation, ulong Sequence, ulong LogStart, long Certificates, int ServedPolicy)
{
    private const int FirstEncodedLength = 4 * sizeof(ulong);
    private const int EncodedLength = FirstEncodedLength + sizeof(int);

    /// <summary>Where the counters are in <see cref="Family.Meta"/>.</summary>
    public static ReadOnlySpan<byte> StateKey => "state"u8;

    /// <summary>Where the mark of an unfinished bulk import is in <see cref="Family.Meta"/>.</summary>
    public static ReadOnlySpan<byte> BulkKey => "bulk"u8;

    /// <summary>Where the mark of a backup that was not opened yet is in <see cref="Family.Meta"/>.</summary>
    public static ReadOnlySpan<byte> RestoredKey => "restored"u8;

    private static ReadOnlySpan<byte> FormatKey => "format"u8;

    /// <summary>The state of a new store.</summary>
    public static StoreState CreateNew(int servedPolicy) => new(NewIncarnation(), 0, 0, 0, servedPolicy);

    /// <summary>The same store after something that the change log does not tell: its old cursors lead nowhere.</summary>
    public StoreState Renew(long certificates) => new(NewIncarnation(), Sequence + 1, Sequence + 1, certificates, ServedPolicy);

    /// <summary>Reads the state; null when the database is new.</summary>
    /// <exception cref="StorageException">The store has another format, or lost it.</exception>
    public static StoreState? Read(Database database, string folder)
    {
        byte[]? format = database.Rocks.Get(FormatKey, database[Family.Meta]);
        if (format is null && IsEmpty(database))
            return null;

        if (format is not { Length: sizeof(uint) })
            throw new StorageException(StorageErrorKind.Corrupt, $"The store in {folder} has lost its format.");

        uint version = BinaryPrimitives.ReadUInt32BigEndian(format);
        if (version is 0 or > StoreFormat.Current)
        {
            throw new StorageException(
                StorageErrorKind.UnknownFormat,
                $"The store in {folder} has format {version}; this release reads formats up to {StoreFormat.Current}. Use the release that wrote it, or a newer one.");
        }

        return Decode(database.Rocks.Get(StateKey, database[Family.Meta]))
            ?? throw new StorageException(StorageErrorKind.Corrupt, $"The store in {folder} has lost its counters.");
    }

    /// <summary>Reads the counters from the row at <see cref="StateKey"/>; null when it is none.</summary>
    public static StoreState? Decode(byte[]? row) => row is { Length: EncodedLength or FirstEncodedLength }
        ? new StoreState(
            BinaryPrimitives.ReadUInt64BigEndian(row),
            BinaryPrimitives.ReadUInt64BigEndian(row.AsSpan(8)),
            BinaryPrimitives.ReadUInt64BigEndian(row.AsSpan(16)),
            BinaryPrimitives.ReadInt64BigEndian(row.AsSpan(24)),
            row.Length == FirstEncodedLength ? 0 : BinaryPrimitives.ReadInt32BigEndian(row.AsSpan(FirstEncodedLength)))
        : null;

    /// <summary>Adds the state to a batch.</summary>
    public void Write(WriteBatch batch, Database database)
    {
        Span<byte> value = stackalloc byte[EncodedLength];
        BinaryPrimitives.WriteUInt32BigEndian(value, StoreFormat.Current);
        batch.Put(FormatKey, value[..sizeof(uint)], database[Family.Meta]);

        BinaryPrimitives.WriteUInt64BigEndian(value, Incarnation);
        BinaryPrimitives.WriteUInt64BigEndian(value[8..], Sequence);
        BinaryPrimitives.WriteUInt64BigEndian(value[16..], LogStart);
        BinaryPrimitives.WriteInt64BigEndian(value[24..], Certificates);
        BinaryPrimitives.WriteInt32BigEndian(value[FirstEncodedLength..], ServedPolicy);
        batch.Put(StateKey, value, database[Family.Meta]);
    }

    /// <summary>Whether a bulk import was cut off, so that the derived families do not fit the certificates.</summary>
    public static bool IsBulkUnfinished(Database database) => database.Rocks.HasKey(BulkKey, database[Family.Meta]);

    /// <summary>Notes in a batch that a bulk import begins or has ended.</summary>
    public static void MarkBulk(WriteBatch batch, Database database, bool unfinished)
    {
        if (unfinished)
            batch.Put(BulkKey, [], database[Family.Meta]);
        else
            batch.Delete(BulkKey, database[Family.Meta]);
    }

    /// <summary>Whether this is a backup that nobody has opened: its change log must not be taken for that of the store it was made of.</summary>
    public static bool IsRestored(Database database) => database.Rocks.HasKey(RestoredKey, database[Family.Meta]);

    /// <summary>Notes in a batch that the store is a backup, or that it has become a store of its own.</summary>
    public static void MarkRestored(WriteBatch batch, Database database, bool restored)
    {
        if (restored)
            batch.Put(RestoredKey, [], database[Family.Meta]);
        else
            batch.Delete(RestoredKey, database[Family.Meta]);
    }

    /// <summary>Whether there is no certificate.</summary>
    public static bool IsEmpty(Database database)
    {
        using Iterator iterator = database.Rocks.NewIterator(database[Family.Certificates]);
        return !iterator.SeekToFirst().Valid();
    }

    private static ulong NewIncarnation() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
}
