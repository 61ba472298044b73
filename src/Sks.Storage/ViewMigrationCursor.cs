using System.Buffers.Binary;
using RocksDbSharp;

namespace Sks.Storage;

/// <summary>How far a migration of views has come, kept in <see cref="Family.Meta"/>.</summary>
/// <remarks>Length of the goal (1), the goal as <see cref="ViewCoverage"/> lies, certificates done (8), key of the last one that was done.</remarks>
/// <param name="Goal">What there will be in the end; a migration to anything else starts anew.</param>
/// <param name="Done">Certificates looked at.</param>
/// <param name="Last">Key in <see cref="Family.Certificates"/>.</param>
internal sealed record ViewMigrationCursor(ViewCoverage Goal, long Done, byte[] Last)
{
    private static ReadOnlySpan<byte> RowKey => "views-cursor"u8;

    /// <summary>Where to go on towards a goal; the beginning when nothing was done yet.</summary>
    public static ViewMigrationCursor Read(Database database, ViewCoverage goal)
    {
        byte[] start = GoalOf(goal);
        byte[]? row = database.Rocks.Get(RowKey, database[Family.Meta]);
        return row is not null && row.Length >= start.Length + sizeof(long) && row.AsSpan().StartsWith(start)
            ? new ViewMigrationCursor(goal, BinaryPrimitives.ReadInt64BigEndian(row.AsSpan(start.Length)), row[(start.Length + sizeof(long))..])
            : new ViewMigrationCursor(goal, 0, []);
    }

    /// <summary>Adds the row to a batch.</summary>
    public void Write(WriteBatch batch, Database database)
    {
        var done = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(done, Done);
        batch.Put(RowKey, [.. GoalOf(Goal), .. done, .. Last], database[Family.Meta]);
    }

    /// <summary>Adds to a batch the removal of the row.</summary>
    public static void Delete(WriteBatch batch, Database database) => batch.Delete(RowKey, database[Family.Meta]);

    private static byte[] GoalOf(ViewCoverage goal)
    {
        byte[] coverage = goal.Encode();
        return [checked((byte)coverage.Length), .. coverage];
    }
}
