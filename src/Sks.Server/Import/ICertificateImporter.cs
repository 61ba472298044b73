namespace Sks.Server.Import;

/// <summary>Puts keyrings into a store: into one that is opened for it, or through the node that has it open.</summary>
internal interface ICertificateImporter
{
    /// <summary>Imports all <paramref name="files"/>. One that cannot be read is noted, and the others go on.</summary>
    /// <param name="files">What to read, in this order.</param>
    /// <param name="progress">Told the number of bytes read so far.</param>
    /// <param name="cancellationToken">Stops early; what was stored stays.</param>
    Task<ImportResult> ImportAsync(IReadOnlyList<KeyringFile> files, IProgress<long> progress, CancellationToken cancellationToken);
}
