using RocksDbSharp;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>The dialects of which every certificate has its digest, and which have a tree; kept in <see cref="Family.Meta"/>.</summary>
/// <remarks>Per dialect its profile (1) and the number of its rules (1), by ascending profile. Missing in formats before 4: none.</remarks>
/// <param name="Entries">Profiles and rules.</param>
internal sealed record DialectCoverage(IReadOnlyList<(byte Profile, byte Rules)> Entries)
{
    private const int EntryLength = 2;

    /// <summary>Where it is in <see cref="Family.Meta"/>.</summary>
    public static ReadOnlySpan<byte> RowKey => "dialects"u8;

    /// <summary>What a store with all digests of some dialects has.</summary>
    public static DialectCoverage Of(IEnumerable<Dialect> dialects) =>
        new([.. dialects.OrderBy(static dialect => dialect.Profile).Select(static dialect => (dialect.Profile, dialect.RulesVersion))]);

    /// <summary>Reads what a store has.</summary>
    public static DialectCoverage Read(Database database) => Decode(database.Rocks.Get(RowKey, database[Family.Meta]));

    /// <summary>Reads a row; null means none.</summary>
    public static DialectCoverage Decode(byte[]? row) => row is null || row.Length % EntryLength != 0
        ? new DialectCoverage([])
        : new DialectCoverage([.. row.Chunk(EntryLength).Select(static entry => (entry[0], entry[1]))]);

    /// <summary>Adds the row to a batch.</summary>
    public void Write(WriteBatch batch, Database database) =>
        batch.Put(RowKey, (byte[])[.. Entries.SelectMany(static entry => (byte[])[entry.Profile, entry.Rules])], database[Family.Meta]);

    /// <summary>The dialects among them, by whatever rules.</summary>
    public IReadOnlyList<Dialect> OfAnyRules => [.. Dialect.All.Where(dialect => Entries.Any(entry => entry.Profile == dialect.Profile))];

    /// <summary>The dialects among them, by the rules of today.</summary>
    public IReadOnlyList<Dialect> Known => [.. Dialect.All.Where(dialect => Entries.Contains((dialect.Profile, dialect.RulesVersion)))];
}
