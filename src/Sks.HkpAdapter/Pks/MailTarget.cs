using MimeKit;
using Sks.HkpAdapter.Mail;
using Sks.Node;

namespace Sks.HkpAdapter.Pks;

/// <summary>A server that takes mail.</summary>
internal sealed class MailTarget(string address, MailOptions options, IMailTransport transport, TimeProvider time) : IPksTarget
{
    /// <inheritdoc/>
    public string Name => address;

    /// <inheritdoc/>
    public int MaxCertificates => options.MaxCertificatesPerMail;

    /// <inheritdoc/>
    /// <remarks>Compared as text, as onak does; the part behind the @ as host names are.</remarks>
    public bool HasSeen(MailOrigin origin) =>
        origin.SeenBy.Append(origin.Sender).Any(seen => MailReader.ReadAddress(seen) is { } other && other.Equals(address, StringComparison.OrdinalIgnoreCase));

    /// <inheritdoc/>
    public async Task SendAsync(IReadOnlyList<OutgoingCertificate> certificates, CancellationToken cancellationToken)
    {
        using MimeMessage mail = SyncMail.Create(address, options.Address, certificates, time.GetUtcNow());
        await transport.SendAsync(mail, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
