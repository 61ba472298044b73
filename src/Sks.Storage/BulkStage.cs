using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>Rows of a bulk load on their way into tables, by family. Not for concurrent use.</summary>
internal sealed class BulkStage
{
    private readonly Dictionary<Family, TableRows> _rows = new[] { Family.Certificates }.Concat(FamilyNames.Derived)
        .ToDictionary(static family => family, static _ => new TableRows());

    /// <summary>The families there can be rows of, certificates first.</summary>
    public IEnumerable<Family> Families => _rows.Keys;

    /// <summary>Rows of a family.</summary>
    public TableRows this[Family family] => _rows[family];

    /// <summary>Adds all rows of a change.</summary>
    /// <param name="change">The change.</param>
    /// <param name="version">Version of the record.</param>
    public void Add(PreparedChange change, ulong version)
    {
        CertificateRecord.WriteVersion(change.Record!, version); // a load removes nothing
        CertificateIdentity identity = change.Identity;
        _rows[Family.Certificates].Put(identity.Span, change.Record);
        foreach (DerivedRow row in change.Deletes)
            _rows[row.Family].Delete(row.Key);
        foreach (DerivedRow row in change.Puts)
            _rows[row.Family].Put(row.Key, row.Value);
    }

    /// <summary>Takes over the rows of another one, which must not be changed while this one is in use.</summary>
    public void Append(BulkStage other)
    {
        foreach ((Family family, TableRows rows) in _rows)
            rows.Append(other[family]);
    }

    /// <summary>Forgets all rows, and keeps the memory for the next ones.</summary>
    public void Clear()
    {
        foreach (TableRows rows in _rows.Values)
            rows.Clear();
    }
}
