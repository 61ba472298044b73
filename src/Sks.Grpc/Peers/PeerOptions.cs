using System.ComponentModel.DataAnnotations;

namespace Sks.Grpc.Peers;

/// <summary>Where servers of our own kind are accepted, and how often to compare with them. See docs/peers.md.</summary>
public sealed class PeerOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Peer";

    /// <summary>Where to listen: <c>ADDR:PORT</c>, IPv6 in brackets, or <c>off</c>. Always TLS. Default: off.</summary>
    public IReadOnlyList<string> Listen { get; set; } = [];

    /// <summary>
    /// Hosts, or <c>HOST:PORT</c>, that peers reach this node at: written into invitations, and told to peers. Default: the addresses it listens on.
    /// </summary>
    public IReadOnlyList<string> Advertise { get; set; } = [];

    /// <summary>Time between two comparisons of the whole set with a connected peer. Default: 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan CompareInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Time between two attempts to reach a peer, which doubles up to an hour while it cannot be reached. Default: 1 second.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "1.00:00:00")]
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a peer may take to answer before it counts as gone. Default: 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Age at which a link gets a new key. Default: 7 days.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Mean time between two comparisons that one peer may begin, or half of <c>CompareInterval</c> where that is shorter; 60 at once. A peer that asks for
    /// more than this or one of the next three allows is refused for half a minute, and twice as long each time, up to an hour. Default: half a second.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan PeerCompareInterval { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Mean time between two link keys that one peer may ask for before they are due; ten at once. Default: 6 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan PeerKeyInterval { get; set; } = TimeSpan.FromMinutes(6);

    /// <summary>Mean time between two readings of the whole set that comparing with one peer may cost; eight at once. Default: 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan PeerScanInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Bytes per second that one peer may ask for to compare, certificates aside, in the mean of five minutes. Default: 1 MiB.</summary>
    [Range(1024, int.MaxValue)]
    public int PeerBytesPerSecond { get; set; } = 1 << 20;

    /// <summary>Most connections of peers and clients. Default: 256.</summary>
    [Range(1, 65_536)]
    public int MaxConnections { get; set; } = 256;
}
