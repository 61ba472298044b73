namespace Sks.Node;

/// <summary>What a mail says about where its certificates have been, for a relay to leave those servers out. Anyone can write anything here.</summary>
/// <param name="Sender">Address of the mail's sender; null when there is none that could be read.</param>
/// <param name="SeenBy">Values of <c>X-KeyServer-Sent</c>, verbatim and in order. Source: onak-mail.pl.</param>
public sealed record MailOrigin(string? Sender, IReadOnlyList<string> SeenBy);
