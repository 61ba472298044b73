namespace Sks.Storage;

/// <summary>A restriction as it lies in the store, which does not look into it.</summary>
/// <param name="Origin">Node that issued it, 32 bytes.</param>
/// <param name="Sequence">Its place among the records of its origin.</param>
/// <param name="Record">The signed record. Never changed and never deleted: the records are the audit trail.</param>
/// <param name="Note">What is known here about it; never passed on.</param>
public sealed record RestrictionRow(ReadOnlyMemory<byte> Origin, ulong Sequence, ReadOnlyMemory<byte> Record, ReadOnlyMemory<byte> Note);

/// <summary>Restrictions to be written, with the changes of certificates that follow from them: one batch, all or nothing.</summary>
/// <param name="Rows">New restrictions, and those whose note changes.</param>
/// <param name="Changes">Removals and rewrites of certificates; each certificate once.</param>
/// <param name="Erases">
/// Whether bytes are to disappear from the disk: marks the store as in need of <see cref="CertificateStore.PurgeAsync"/>.
/// </param>
public sealed record RestrictionChange(IReadOnlyList<RestrictionRow> Rows, IReadOnlyList<PreparedChange> Changes, bool Erases);
