using System.Globalization;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Sks.HkpAdapter.Mail;

/// <summary>Hands mails to a mail server, each over a connection of its own.</summary>
internal sealed class SmtpTransport : IMailTransport
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromMinutes(1);

    private readonly MailOptions _options;
    private readonly string _host;
    private readonly int _port;
    private readonly SecureSocketOptions _security;

    /// <param name="options">Valid options with a server.</param>
    public SmtpTransport(MailOptions options)
    {
        _options = options;
        if (!TryParse(options.Smtp, out _host, out _port))
            throw new ArgumentException("There is no mail server in the options.", nameof(options));
        _security = options.SmtpSecurity switch
        {
            SmtpSecurity.None => SecureSocketOptions.None,
            SmtpSecurity.Tls => SecureSocketOptions.SslOnConnect,

            // Else anybody on the way could have the password sent in the clear.
            SmtpSecurity.StartTlsWhenAvailable when options.SmtpUser.Length == 0 => SecureSocketOptions.StartTlsWhenAvailable,
            _ => SecureSocketOptions.StartTls,
        };
    }

    /// <summary>Reads <c>HOST:PORT</c>, IPv6 in brackets.</summary>
    public static bool TryParse(string text, out string host, out int port)
    {
        int colon = text.LastIndexOf(':');
        host = colon > 0 ? text[..colon].Trim('[', ']') : "";
        port = 0;
        return host.Length > 0
            && Uri.CheckHostName(host) != UriHostNameType.Unknown
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is > 0 and <= ushort.MaxValue;
    }

    /// <inheritdoc/>
    public async Task SendAsync(MimeMessage message, CancellationToken cancellationToken)
    {
        using var client = new SmtpClient { Timeout = (int)AnswerTime.TotalMilliseconds };
        if (message.Body is MimePart { ContentTransferEncoding: ContentEncoding.SevenBit } part)
            message.Body = new VerbatimPart(part);
        try
        {
            await client.ConnectAsync(_host, _port, _security, cancellationToken).ConfigureAwait(false);
            if (_options.SmtpUser.Length > 0)
                await client.AuthenticateAsync(_options.SmtpUser, await ReadPasswordAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            await client.SendAsync(message, cancellationToken).ConfigureAwait(false);
        }
        catch (SmtpCommandException e) when (e.ErrorCode == SmtpErrorCode.MessageNotAccepted && (int)e.StatusCode >= 500)
        {
            throw new MailRefusedException($"the mail server refuses it: {(int)e.StatusCode} {e.Message}", e);
        }
        catch (Exception e) when (e is CommandException or ProtocolException or AuthenticationException or System.Security.Authentication.AuthenticationException
            or SocketException or TimeoutException or NotSupportedException or UnauthorizedAccessException or SslHandshakeException)
        {
            throw new IOException($"mail server {_options.Smtp}: {e.Message}", e);
        }

        // It has the mail: what goes wrong with the farewell changes nothing.
        try
        {
            await client.DisconnectAsync(quit: true, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ProtocolException or SocketException or TimeoutException or OperationCanceledException)
        {
        }
    }

    private async Task<string> ReadPasswordAsync(CancellationToken cancellationToken)
    {
        string text = await File.ReadAllTextAsync(_options.SmtpPasswordFile, cancellationToken).ConfigureAwait(false);
        return text.Split('\n')[0].TrimEnd('\r');
    }

    // The library encodes what is not text as base64 before it sends it, and SKS decodes nothing.
    private sealed class VerbatimPart : MimePart
    {
        public VerbatimPart(MimePart part)
            : base(part.ContentType)
        {
            Content = part.Content;
            ContentTransferEncoding = ContentEncoding.SevenBit;
        }

        public override void Prepare(EncodingConstraint constraint, int maxLineLength = 78)
        {
        }
    }
}
