using System.Text;

namespace Sks.HkpAdapter.Mail;

/// <summary>Keeps refused mails for a time, each with the reason as a header in front, for the operator to look at.</summary>
/// <remarks>Bounded in time and bytes. An erasure removes all of them: nobody can tell whom they are about.</remarks>
internal sealed class RejectedMails(string folder, MailOptions options, TimeProvider time)
{
    private const string ReasonHeader = "X-Rejected-Because: ";

    private readonly Lock _lock = new();

    /// <summary>Keeps one, on disk when this is over. What must not be kept is not.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public async Task KeepAsync(ReadOnlyMemory<byte> message, string reason, CancellationToken cancellationToken)
    {
        byte[] header = Encoding.ASCII.GetBytes(ReasonHeader + reason + "\n");
        if (MailRejection.IsSensitive(reason) || header.Length + message.Length > options.MaxRejectedBytes || options.RejectedKeepTime == TimeSpan.Zero)
            return;
        byte[] kept = [.. header, .. message.Span];
        await MailSpool.WriteAsync(folder, kept, time, cancellationToken).ConfigureAwait(false);
        Trim();
    }

    /// <summary>Removes what is too old, and the oldest of what is too much.</summary>
    /// <exception cref="IOException">A file cannot be removed.</exception>
    public void Trim()
    {
        DateTimeOffset oldest = time.GetUtcNow() - options.RejectedKeepTime;
        long bytes = 0;
        lock (_lock)
        {
            foreach (FileInfo file in ReadFiles().OrderByDescending(static file => file.Name, StringComparer.Ordinal))
            {
                bytes += file.Length;
                if (bytes > options.MaxRejectedBytes || file.LastWriteTimeUtc < oldest.UtcDateTime)
                    file.Delete();
            }
        }
    }

    /// <summary>Removes all that were kept before <paramref name="moment"/>.</summary>
    /// <exception cref="IOException">A file cannot be removed.</exception>
    public void PurgeBefore(DateTimeOffset moment)
    {
        lock (_lock)
        {
            foreach (FileInfo file in ReadFiles().Where(file => file.LastWriteTimeUtc <= moment.UtcDateTime))
                file.Delete();
        }
    }

    private FileInfo[] ReadFiles()
    {
        var directory = new DirectoryInfo(folder);
        return directory.Exists ? directory.GetFiles() : [];
    }
}
