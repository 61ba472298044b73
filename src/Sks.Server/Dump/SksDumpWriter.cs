using System.Globalization;
using System.Text;
using Sks.Server.CommandLine;
using Sks.Storage;

namespace Sks.Server.Dump;

/// <summary>What a dump came to.</summary>
/// <param name="Certificates">How many certificates are in it.</param>
/// <param name="Files">How many key files it has.</param>
/// <param name="Bytes">Their size.</param>
internal sealed record DumpSummary(long Certificates, int Files, long Bytes);

/// <summary>Writes the dump format of SKS: <c>PREFIX-0000.pgp</c>, … and <c>metadata-PREFIX.txt</c> with an MD5 line per file.</summary>
/// <remarks>
/// Everything is written under other names first and renamed when all of it is on disk, the metadata last: a folder with metadata
/// holds a whole dump, whatever interrupts this. Source: sks_dump (dbserver.ml), one line per item as md5sum reads it.
/// </remarks>
/// <param name="folder">Where to; created with mode 0700 when missing.</param>
/// <param name="prefix">First part of the file names.</param>
/// <param name="keysPerFile">Certificates per file.</param>
/// <param name="time">For the two times in the metadata.</param>
internal sealed class SksDumpWriter(string folder, string prefix, int keysPerFile, TimeProvider time)
{
    private readonly string _metadataName = $"metadata-{prefix}.txt";

    /// <summary>Writes a dump of <paramref name="certificates"/>.</summary>
    /// <param name="certificates">Packets of one certificate each, full view.</param>
    /// <param name="overwrite">Whether to replace a dump of the same prefix.</param>
    /// <param name="progress">Told the number of certificates so far.</param>
    /// <param name="cancellationToken">Stops early; nothing is left behind.</param>
    /// <exception cref="CommandException">There is a dump already.</exception>
    public async Task<DumpSummary> WriteAsync(
        IAsyncEnumerable<ReadOnlyMemory<byte>> certificates, bool overwrite, IProgress<long> progress, CancellationToken cancellationToken)
    {
        PrepareFolder(overwrite);
        List<DumpFile> files = [];
        try
        {
            string started = Now();
            (long count, long bytes) = await WriteKeysAsync(certificates, files, progress, cancellationToken);
            using var metadata = new DumpFile(folder, _metadataName);
            files.Add(metadata);
            metadata.Write(Encoding.UTF8.GetBytes(Metadata(files.SkipLast(1).ToList(), count, started)));
            metadata.Finish();
            cancellationToken.ThrowIfCancellationRequested();
            Publish(files);
            return new DumpSummary(count, files.Count - 1, bytes);
        }
        finally
        {
            foreach (DumpFile file in files)
            {
                file.Dispose();
                File.Delete(file.PartialPath);
            }
        }
    }

    private void PrepareFolder(bool overwrite)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        string? existing = ExistingFiles().Append(Path.Combine(folder, _metadataName)).FirstOrDefault(File.Exists);
        if (existing is not null && !overwrite)
            throw CommandException.No($"{existing} exists: choose another folder or --prefix, or replace that dump with --force");

        foreach (string abandoned in Directory.EnumerateFiles(folder, $".{prefix}-*.pgp{DumpFile.PartialSuffix}"))
            File.Delete(abandoned);
    }

    private IEnumerable<string> ExistingFiles() =>
        Directory.EnumerateFiles(folder, $"{prefix}-*.pgp")
            .Where(path => Path.GetFileNameWithoutExtension(path)[(prefix.Length + 1)..].All(char.IsAsciiDigit))
            .Order(StringComparer.Ordinal);

    private async Task<(long Count, long Bytes)> WriteKeysAsync(
        IAsyncEnumerable<ReadOnlyMemory<byte>> certificates, List<DumpFile> files, IProgress<long> progress, CancellationToken cancellationToken)
    {
        long count = 0;
        long bytes = 0;
        await foreach (ReadOnlyMemory<byte> certificate in certificates.WithCancellation(cancellationToken))
        {
            if (count % keysPerFile == 0)
            {
                files.LastOrDefault()?.Finish();
                files.Add(new DumpFile(folder, $"{prefix}-{files.Count:D4}.pgp"));
            }

            files[^1].Write(certificate.Span);
            count++;
            bytes += certificate.Length;
            progress.Report(count);
        }

        files.LastOrDefault()?.Finish();
        return (count, bytes);
    }

    private string Metadata(List<DumpFile> files, long count, string started)
    {
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        Line($"#Metadata-for: {Environment.MachineName}");
        Line($"#Dump-started: {started}");
        Line($"#Files-Count: {files.Count}");
        Line($"#Key-Count: {count}");
        Line("#Digest-algo: md5");
        foreach (DumpFile file in files)
            Line($"{file.Digest}  {Path.GetFileName(file.FinalPath)}");
        Line($"#Dump-ended: {Now()}");
        return text.ToString();
    }

    private string Now() => time.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private void Publish(List<DumpFile> files)
    {
        // The old metadata goes first, so that no moment shows it beside files that it does not describe.
        File.Delete(Path.Combine(folder, _metadataName));
        foreach (string outdated in ExistingFiles().Except(files.Select(file => file.FinalPath)).ToList())
            File.Delete(outdated);
        FolderSync.Flush(folder);
        foreach (DumpFile file in files)
            file.Publish();
        FolderSync.Flush(folder);
    }
}
