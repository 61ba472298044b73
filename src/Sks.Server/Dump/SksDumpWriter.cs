using System.Globalization;
using System.Text;
using Sks.Server.CommandLine;
using Sks.Storage;

namespace Sks.Server.Dump;

/// <summary>What a dump is made of.</summary>
/// <param name="Version">Version of the certificate.</param>
/// <param name="Packets">All its packets.</param>
internal readonly record struct DumpedCertificate(uint Version, ReadOnlyMemory<byte> Packets);

/// <summary>What a dump came to.</summary>
/// <param name="Certificates">How many certificates are in it.</param>
/// <param name="Files">How many key files it has.</param>
/// <param name="Bytes">Their size.</param>
/// <param name="NotInMetadata">How many of the certificates are in files that SKS does not see.</param>
internal sealed record DumpSummary(long Certificates, int Files, long Bytes, long NotInMetadata)
{
    /// <summary>Where the log of changes stood, as text: what changes behind it may not be in the dump.</summary>
    public string? Cursor { get; init; }
}

/// <summary>Writes the dump format of SKS: <c>PREFIX-0000.pgp</c>, … and <c>metadata-PREFIX.txt</c> with an MD5 line per file.</summary>
/// <remarks>
/// Everything is written under other names first and renamed when all of it is on disk, the metadata last: a folder with metadata
/// holds a whole dump, whatever interrupts this. Certificates that SKS cannot hold go to <c>PREFIX-v6-0000.pgp</c>, …, which the metadata
/// does not name. Source: sks_dump (dbserver.ml), one line per item as md5sum reads it.
/// </remarks>
/// <param name="folder">Where to; created with mode 0700 when missing.</param>
/// <param name="prefix">First part of the file names.</param>
/// <param name="keysPerFile">Certificates per file.</param>
/// <param name="time">For the two times in the metadata.</param>
internal sealed class SksDumpWriter(string folder, string prefix, int keysPerFile, TimeProvider time)
{
    /// <summary>What follows the prefix in names of files that SKS does not see. No other dump's prefix may end so.</summary>
    public const string ModernSuffix = "-v6";

    private const uint LastVersionOfSks = 4;

    private readonly string _metadataName = $"metadata-{prefix}.txt";
    private readonly string _modernPrefix = prefix + ModernSuffix;

    /// <summary>Writes a dump of <paramref name="certificates"/>.</summary>
    /// <param name="certificates">What to write, in this order.</param>
    /// <param name="overwrite">Whether to replace a dump of the same prefix.</param>
    /// <param name="progress">Told the number of certificates so far.</param>
    /// <param name="cancellationToken">Stops early; nothing is left behind.</param>
    /// <exception cref="CommandException">There is a dump already.</exception>
    public async Task<DumpSummary> WriteAsync(
        IAsyncEnumerable<DumpedCertificate> certificates, bool overwrite, IProgress<long> progress, CancellationToken cancellationToken)
    {
        PrepareFolder(overwrite);
        using var classic = new DumpSeries(folder, prefix, keysPerFile);
        using var modern = new DumpSeries(folder, _modernPrefix, keysPerFile);
        string started = Now();
        await foreach (DumpedCertificate certificate in certificates.WithCancellation(cancellationToken))
        {
            (certificate.Version > LastVersionOfSks ? modern : classic).Write(certificate.Packets.Span);
            progress.Report(classic.Certificates + modern.Certificates);
        }

        classic.Finish();
        modern.Finish();
        using var metadata = new DumpFile(folder, _metadataName);
        metadata.Write(Encoding.UTF8.GetBytes(Metadata(classic, started)));
        metadata.Finish();
        cancellationToken.ThrowIfCancellationRequested();
        Publish([.. classic.Files, .. modern.Files, metadata]);
        return new DumpSummary(
            classic.Certificates + modern.Certificates, classic.Files.Count + modern.Files.Count, classic.Bytes + modern.Bytes, modern.Certificates);
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
            .Where(path => IsNumbered(path, prefix) || IsNumbered(path, _modernPrefix))
            .Order(StringComparer.Ordinal);

    private static bool IsNumbered(string path, string start)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        return name.StartsWith(start + '-', StringComparison.Ordinal) && name[(start.Length + 1)..].All(char.IsAsciiDigit);
    }

    private string Metadata(DumpSeries classic, string started)
    {
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        Line($"#Metadata-for: {Environment.MachineName}");
        Line($"#Dump-started: {started}");
        Line($"#Files-Count: {classic.Files.Count}");
        Line($"#Key-Count: {classic.Certificates}");
        Line("#Digest-algo: md5");
        foreach (DumpFile file in classic.Files)
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
