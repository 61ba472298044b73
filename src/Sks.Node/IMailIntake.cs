namespace Sks.Node;

/// <summary>Takes mails in for whoever has got them from a mail system.</summary>
public interface IMailIntake
{
    /// <summary>Most bytes of one mail.</summary>
    int MaxMessageBytes { get; }

    /// <summary>Keeps a mail. When this is over it is on disk, and will be read however the process ends.</summary>
    /// <param name="message">The whole mail, at most <see cref="MaxMessageBytes"/>.</param>
    /// <param name="cancellationToken">Gives up; the mail may then be kept or not.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    Task KeepAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);
}
