using Microsoft.Extensions.Logging;

namespace Sks.HkpAdapter.Recon;

/// <summary>What is logged about the list of peers.</summary>
internal static partial class MembershipLog
{
    [LoggerMessage(2101, LogLevel.Information, "The list has {Count} peers: {Names}")]
    public static partial void Peers(ILogger logger, int count, string names);

    [LoggerMessage(2102, LogLevel.Warning, "{Path}, line {Line}: not a host and a port, or a profile that is not known; the line is passed over")]
    public static partial void MalformedLine(ILogger logger, string path, int line);

    [LoggerMessage(2103, LogLevel.Error, "The membership file cannot be read any more ({Error}): the peers stay as they were")]
    public static partial void FileLost(ILogger logger, string error);

    [LoggerMessage(2104, LogLevel.Information, "{Path} was read again")]
    public static partial void FileRead(ILogger logger, string path);

    [LoggerMessage(2105, LogLevel.Warning, "The name {Name} does not resolve; addresses known from before: {Addresses}")]
    public static partial void Unresolved(ILogger logger, string name, int addresses);

    [LoggerMessage(2106, LogLevel.Information, "The peer {Name} is at {Addresses}")]
    public static partial void Resolved(ILogger logger, string name, string addresses);

    [LoggerMessage(2107, LogLevel.Information, "The peer {Name} is this node itself: it is passed over")]
    public static partial void Self(ILogger logger, string name);

    [LoggerMessage(2108, LogLevel.Error, "The list of peers could not be brought up to date: {Error}")]
    public static partial void RefreshFailed(ILogger logger, string error);
}
