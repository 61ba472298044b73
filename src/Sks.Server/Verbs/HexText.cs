using Google.Protobuf;

namespace Sks.Server.Verbs;

/// <summary>Fingerprints and digests as verbs print them.</summary>
internal static class HexText
{
    /// <summary>What stands in a line of text for what is not there.</summary>
    public const string None = "-";

    /// <summary>The id of a node: lower-case hex, as everywhere.</summary>
    public static string OfNode(ByteString id) => Convert.ToHexStringLower(id.Span);

    /// <summary>Upper-case hex; null when there are no bytes.</summary>
    public static string? OfOptional(ByteString bytes) => bytes.IsEmpty ? null : Convert.ToHexString(bytes.Span);
}
