using System.ComponentModel;
using System.Diagnostics;
using MimeKit;

namespace Sks.HkpAdapter.Mail;

/// <summary>Hands mails to a shell command on its standard input, as SKS does.</summary>
internal sealed class SendmailTransport(string command) : IMailTransport
{
    private const int MaxErrorLength = 200;
    private static readonly FormatOptions Format = CreateFormat();

    /// <inheritdoc/>
    public async Task SendAsync(MimeMessage message, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(command);
        try
        {
            using Process process = Process.Start(start)!;
            await SendAsync(process, message, cancellationToken).ConfigureAwait(false);
        }
        catch (Win32Exception e)
        {
            throw new IOException($"there is no shell: {e.Message}", e);
        }
    }

    private static async Task SendAsync(Process process, MimeMessage message, CancellationToken cancellationToken)
    {
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
            bool isRead = await TryWriteAsync(process, message, cancellationToken).ConfigureAwait(false);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            string said = (await errors.ConfigureAwait(false) + await output.ConfigureAwait(false)).ReplaceLineEndings(" ").Trim();
            if (process.ExitCode != 0 || !isRead)
                throw new IOException($"the command to send mail ended with {process.ExitCode}: {(said.Length > MaxErrorLength ? said[..MaxErrorLength] : said)}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    // False when the command does not read all of it.
    private static async Task<bool> TryWriteAsync(Process process, MimeMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await message.WriteToAsync(Format, process.StandardInput.BaseStream, cancellationToken).ConfigureAwait(false);
            process.StandardInput.Close();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static FormatOptions CreateFormat()
    {
        FormatOptions format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Unix;
        return format;
    }
}
