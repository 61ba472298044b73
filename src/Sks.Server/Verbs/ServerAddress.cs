namespace Sks.Server.Verbs;

/// <summary>Where a node is found when nothing is said.</summary>
internal static class ServerAddress
{
    /// <summary>The gRPC listener of a node that was started without options.</summary>
    public const string Default = "http://127.0.0.1:11372";
}
