namespace Sks.Server.Dump;

/// <summary>Numbered files of a dump, each with so many certificates. What was not published is gone when it is disposed.</summary>
/// <param name="folder">Where they are.</param>
/// <param name="prefix">First part of their names.</param>
/// <param name="keysPerFile">Certificates per file.</param>
internal sealed class DumpSeries(string folder, string prefix, int keysPerFile) : IDisposable
{
    private readonly List<DumpFile> _files = [];

    /// <summary>The files so far.</summary>
    public IReadOnlyList<DumpFile> Files => _files;

    /// <summary>How many certificates they hold.</summary>
    public long Certificates { get; private set; }

    /// <summary>Their size.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds a certificate.</summary>
    public void Write(ReadOnlySpan<byte> packets)
    {
        if (Certificates % keysPerFile == 0)
        {
            Finish();
            _files.Add(new DumpFile(folder, $"{prefix}-{_files.Count:D4}.pgp"));
        }

        _files[^1].Write(packets);
        Certificates++;
        Bytes += packets.Length;
    }

    /// <summary>Has everything on disk.</summary>
    public void Finish() => _files.LastOrDefault()?.Finish();

    public void Dispose() => _files.ForEach(static file => file.Dispose());
}
