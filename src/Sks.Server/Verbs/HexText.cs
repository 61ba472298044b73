using Google.Protobuf;

namespace Sks.Server.Verbs;

/// <summary>Fingerprints and digests as verbs print them.</summary>
internal static class HexText
{
    /// <summary>What stands in a line of text for what is not there.</summary>
    public const string None = "-";

    /// <summary>Upper-case hex; null when there are no bytes.</summary>
    public static string? OfOptional(ByteString bytes) => bytes.IsEmpty ? null : Convert.ToHexString(bytes.Span);
}
