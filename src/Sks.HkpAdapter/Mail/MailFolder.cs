namespace Sks.HkpAdapter.Mail;

/// <summary>A folder that mails are taken from.</summary>
/// <param name="Path">The folder; need not exist.</param>
/// <param name="Extensions">How names of complete mails end; empty for any name.</param>
internal sealed record MailFolder(string Path, IReadOnlyList<string> Extensions)
{
    private const int MaxFilesPerRound = 10_000;

    /// <summary>The mails in it, in the order of their names, which in a spool is the order in which they came; not all at once when there are very many.</summary>
    /// <remarks>Links are passed over: who may write here must not have the server read what only the server may.</remarks>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public IReadOnlyList<FileInfo> ReadFiles()
    {
        var directory = new DirectoryInfo(Path);
        if (!directory.Exists)
            return [];
        return
        [
            .. directory.EnumerateFiles()
                .Where(file => file.LinkTarget is null && file.Name[0] != '.' && IsComplete(file.Name))
                .Take(MaxFilesPerRound)
                .OrderBy(static file => file.Name, StringComparer.Ordinal),
        ];
    }

    private bool IsComplete(string name) => Extensions.Count == 0 || Extensions.Any(extension => name.EndsWith(extension, StringComparison.Ordinal));
}
