using System.Buffers.Binary;
using RocksDbSharp;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>The policies whose views every certificate has, kept in <see cref="Family.Meta"/>.</summary>
/// <remarks>Number of the rules of verification (1), then each policy version (4, big-endian), ascending. Missing in format 1: no policy.</remarks>
/// <param name="Rules">The rules by which all verdicts were found.</param>
/// <param name="Policies">Versions, ascending.</param>
internal sealed record ViewCoverage(byte Rules, IReadOnlyList<int> Policies)
{
    /// <summary>Where it is in <see cref="Family.Meta"/>.</summary>
    public static ReadOnlySpan<byte> RowKey => "views"u8;

    /// <summary>What a store with all views of some policies has.</summary>
    public static ViewCoverage Of(IEnumerable<CleanViewPolicy> policies) =>
        new(CertificateExamination.RulesVersion, [.. policies.Select(static policy => policy.Version).Order()]);

    /// <summary>Reads what a store has.</summary>
    public static ViewCoverage Read(Database database) => Decode(database.Rocks.Get(RowKey, database[Family.Meta]));

    /// <summary>Reads a row; null means none.</summary>
    public static ViewCoverage Decode(byte[]? row)
    {
        if (row is not { Length: > 0 } || row.Length % sizeof(int) != 1)
            return new ViewCoverage(CertificateExamination.RulesVersion, []);
        var policies = new int[row.Length / sizeof(int)];
        for (int i = 0; i < policies.Length; i++)
            policies[i] = BinaryPrimitives.ReadInt32BigEndian(row.AsSpan(1 + (i * sizeof(int))));
        return new ViewCoverage(row[0], policies);
    }

    /// <summary>The row.</summary>
    public byte[] Encode()
    {
        var row = new byte[1 + (Policies.Count * sizeof(int))];
        row[0] = Rules;
        for (int i = 0; i < Policies.Count; i++)
            BinaryPrimitives.WriteInt32BigEndian(row.AsSpan(1 + (i * sizeof(int))), Policies[i]);
        return row;
    }

    /// <summary>Adds the row to a batch.</summary>
    public void Write(WriteBatch batch, Database database) => batch.Put(RowKey, Encode(), database[Family.Meta]);

    /// <summary>Whether it takes in all of another one.</summary>
    public bool Covers(ViewCoverage other) => Rules == other.Rules && other.Policies.All(Policies.Contains);

    /// <summary>What of it still counts when only some policies are maintained: views of others decay from now on.</summary>
    public ViewCoverage Within(ViewCoverage maintained) => Rules == maintained.Rules
        ? maintained with { Policies = [.. maintained.Policies.Where(Policies.Contains)] }
        : maintained with { Policies = [] };
}
