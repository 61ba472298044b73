namespace Sks.HkpAdapter.Mail;

/// <summary>Refuses mails that would cost far more memory when read than they have bytes, before they are read.</summary>
internal static class MailBounds
{
    private const int MaxHeaderBytes = 256 * 1024;
    private const int MaxBoundaryLines = 1000;
    private const int MaxLinesWithColon = 20_000;

    /// <summary>Most levels of parts within parts.</summary>
    public const int MaxDepth = 10;

    /// <summary>Whether a mail is simple enough. Every part begins with a line of two dashes, every header has a colon.</summary>
    public static bool Hold(ReadOnlySpan<byte> message)
    {
        int boundaries = 0;
        int colons = 0;
        int at = 0;
        bool inHeader = true;
        while (at < message.Length)
        {
            int length = message[at..].IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = length < 0 ? message[at..] : message.Slice(at, length);
            at += line.Length + 1;
            inHeader &= !line.TrimEnd((byte)'\r').IsEmpty;
            if (inHeader && at > MaxHeaderBytes)
                return false;
            if (line.StartsWith("--"u8) && ++boundaries > MaxBoundaryLines)
                return false;
            if (line.Contains((byte)':') && ++colons > MaxLinesWithColon)
                return false;
        }

        return true;
    }
}
