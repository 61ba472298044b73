using System.ComponentModel.DataAnnotations;

namespace Sks.Grpc;

/// <summary>Where the gRPC services listen and how much they take on.</summary>
public sealed class GrpcOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Grpc";

    /// <summary>
    /// Where to listen: <c>ADDR:PORT</c>, IPv6 in brackets, or <c>off</c>. Loopback addresses only, because there is no TLS.
    /// Default: 127.0.0.1:11372.
    /// </summary>
    public IReadOnlyList<string> Listen { get; set; } = ["127.0.0.1:11372"];

    /// <summary>Path of the Unix socket that the operator's services are on, at most 107 bytes; null for none. Default: null.</summary>
    public string? AdminSocketPath { get; set; }

    /// <summary>Largest message that is received, in bytes. Larger certificates come by import. Default: 24 MiB.</summary>
    [Range(64 * 1024, 512 * 1024 * 1024)]
    public int MaxReceiveMessageBytes { get; set; } = 24 * 1024 * 1024;

    /// <summary>Largest message that is sent over TCP, in bytes; the Unix socket has no limit. Default: 24 MiB.</summary>
    [Range(64 * 1024, 512 * 1024 * 1024)]
    public int MaxSendMessageBytes { get; set; } = 24 * 1024 * 1024;

    /// <summary>Most open TCP connections. Default: 256.</summary>
    [Range(1, 65_536)]
    public int MaxConnections { get; set; } = 256;

    /// <summary>Most Submit calls at a time over TCP. Default: 64.</summary>
    [Range(1, 10_000)]
    public int MaxSubmitCalls { get; set; } = 64;

    /// <summary>Most Watch calls at a time over TCP. Default: 1,000.</summary>
    [Range(1, 100_000)]
    public int MaxWatchCalls { get; set; } = 1000;

    /// <summary>Most requests of one Submit call that are worked on at a time; it is not read further meanwhile. Default: 64.</summary>
    [Range(1, 10_000)]
    public int MaxConcurrentSubmissionsPerCall { get; set; } = 64;

    /// <summary>Most bytes of one Submit call that are worked on at a time; one request is always allowed. Default: 16 MiB.</summary>
    [Range(1, 1024 * 1024 * 1024)]
    public long MaxPendingBytesPerCall { get; set; } = 16 * 1024 * 1024;
}
