using System.Diagnostics.CodeAnalysis;
using MimeKit;
using Sks.Node;

namespace Sks.HkpAdapter.Mail;

/// <summary>Reads mails: any encoding and nesting of parts that <see cref="MailBounds"/> allow.</summary>
internal static class MailReader
{
    private const int MaxSeenBy = 100;
    private const int MaxAddressLength = 320;
    private const byte PacketBit = 0x80;

    /// <summary>Reads one.</summary>
    /// <param name="message">The whole mail.</param>
    /// <param name="own">This keyserver's address, which is not answered; may be empty.</param>
    /// <param name="mail">The mail.</param>
    /// <param name="rejection">Why it cannot be read, see <see cref="MailRejection"/>.</param>
    public static bool TryRead(
        byte[] message, string own, [NotNullWhen(true)] out ReceivedMail? mail, [NotNullWhen(false)] out string? rejection)
    {
        mail = null;
        rejection = null;
        if (!MailBounds.Hold(message))
        {
            rejection = MailRejection.TooComplex;
            return false;
        }

        try
        {
            // An mbox line before the headers, which some mail systems pass to pipes, is no header.
            int start = message.AsSpan().StartsWith("From "u8) ? message.AsSpan().IndexOf((byte)'\n') + 1 : 0;
            var options = new ParserOptions { MaxMimeDepth = MailBounds.MaxDepth };
            using var stream = new MemoryStream(message, start, message.Length - start, writable: false);
            using MimeMessage parsed = MimeMessage.Load(options, stream);
            var armor = new MailArmor();
            ReadParts(parsed.Body, armor, depth: 0);
            mail = new ReceivedMail(
                parsed.Subject?.Trim() ?? "", parsed.MessageId, ReadOrigin(parsed), AutomaticMail.FindCorrespondent(parsed, own), armor);
            return true;
        }
        catch (FormatException)
        {
            rejection = MailRejection.Unreadable;
            return false;
        }
    }

    /// <summary>The address in a header, bare; null when there is none. Takes what SKS makes of a quoted <c>from_addr</c>.</summary>
    public static string? ReadAddress(string? text)
    {
        string bare = text?.Trim().Trim('"') ?? "";
        int open = bare.LastIndexOf('<');
        int close = bare.LastIndexOf('>');
        if (open >= 0 && close > open)
            bare = bare[(open + 1)..close];
        bool isAddress = bare.Length <= MaxAddressLength && bare.Contains('@', StringComparison.Ordinal) && !bare.Any(static c => c <= ' ' || c == ',');
        return isAddress ? bare : null;
    }

    private static MailOrigin ReadOrigin(MimeMessage message)
    {
        IEnumerable<string> seenBy = message.Headers
            .Where(static header => header.Field.Equals("X-KeyServer-Sent", StringComparison.OrdinalIgnoreCase))
            .Select(static header => header.Value.Trim())
            .Where(static value => value.Length is > 0 and <= MaxAddressLength)
            .Take(MaxSeenBy);
        return new MailOrigin(ReadAddress(message.Headers[HeaderId.From]), [.. seenBy]);
    }

    private static void ReadParts(MimeEntity? entity, MailArmor armor, int depth)
    {
        if (depth > MailBounds.MaxDepth)
            return;
        switch (entity)
        {
            case Multipart multipart:
                foreach (MimeEntity part in multipart)
                    ReadParts(part, armor, depth + 1);
                break;
            case MessagePart { Message: { } forwarded }:
                ReadParts(forwarded.Body, armor, depth + 1);
                break;
            case MimePart { Content: { } content } part when CanHoldKeys(part.ContentType):
                // What is decoded is never longer than what is encoded.
                using (var decoded = new MemoryStream())
                {
                    content.DecodeTo(decoded);
                    ReadPart(part.ContentType, decoded.GetBuffer().AsSpan(0, (int)decoded.Length), armor);
                }

                break;
        }
    }

    // The same text as HTML brings nothing but the same keys, damaged.
    private static bool CanHoldKeys(ContentType type) =>
        (type.IsMimeType("text", "*") && !type.IsMimeType("text", "html"))
        || (type.IsMimeType("application", "*") && !type.IsMimeType("application", "pgp-signature"));

    private static void ReadPart(ContentType type, ReadOnlySpan<byte> content, MailArmor armor)
    {
        if (type.IsMimeType("application", "pgp-keys") && content is [>= PacketBit, ..])
            armor.Blocks.Add(content.ToArray());
        else
            armor.Read(content);
    }
}
