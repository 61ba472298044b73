using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;
using Sks.Node;

namespace Sks.HkpAdapter.Recon;

/// <summary>How this node reconciles with SKS servers.</summary>
public sealed class ReconOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Recon";

    /// <summary>Where peers are accepted: <c>ADDR:PORT</c>, IPv6 in brackets, or <c>off</c>. Default: 127.0.0.1:11370.</summary>
    public IList<string> Listen { get; set; } = ["127.0.0.1:11370"];

    /// <summary>Addresses that connections to peers come from, at most one of each family. Default: those of <see cref="Listen"/> that are not wildcards, else the system's choice.</summary>
    public IList<string> SourceAddresses { get; set; } = [];

    /// <summary>
    /// The peers, as <c>HOST:PORT</c>, IPv6 in brackets, besides those of <see cref="MembershipFile"/>. Behind it <c>;profile=NAME</c> may follow: <c>sks</c>,
    /// <c>hockeypuck-2.3</c> or <c>hockeypuck-2.4</c>; without, this node finds out. Default: none.
    /// </summary>
    public IList<string> Peers { get; set; } = [];

    /// <summary>File of further peers in SKS's form, a line <c>host port</c> each; read again when it changes. Default: none.</summary>
    public string? MembershipFile { get; set; }

    /// <summary>How often the names of peers are resolved again; the file is looked at every minute, or as often where this is less. Default: 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "31.00:00:00")]
    public TimeSpan MembershipInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Name of this host: members that resolve to its addresses are this node itself. Default: empty, for the system's own name.</summary>
    public string Hostname { get; set; } = "";

    /// <summary>Whether this node contacts peers by itself. Default: true.</summary>
    public bool Gossip { get; set; } = true;

    /// <summary>Mean time between rounds with one peer chosen at random. Default: 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Filters that peers must announce as well, separated by commas. Default: yminsky.dedup,yminsky.merge.</summary>
    public string Filters { get; set; } = "yminsky.dedup,yminsky.merge";

    /// <summary>Port of HKP that peers are told to fetch from. Default: 0, for that of the first listener of HKP without TLS.</summary>
    [Range(0, 65535)]
    public int HttpPort { get; set; }

    /// <summary>Differences that one request can settle; all peers must have the same. Another value rebuilds the tree at start. Default: 5.</summary>
    [Range(1, 50)]
    public int Mbar { get; set; } = 5;

    /// <summary>Bits of the tree's path per level; all peers must have the same. Another value rebuilds the tree at start. Default: 2.</summary>
    [Range(1, 4)]
    public int BitQuantum { get; set; } = 2;

    /// <summary>A node with fewer elements than this times <see cref="Mbar"/> is sent whole. Default: 30.</summary>
    [Range(1, 1000)]
    public int FullThresholdFactor { get; set; } = 30;

    /// <summary>Requests that may wait for an answer. Default: 100.</summary>
    [Range(1, 10_000)]
    public int MaxOutstandingRequests { get; set; } = 100;

    /// <summary>Certificates asked for in one request. Default: 100.</summary>
    [Range(1, 1000)]
    public int FetchSize { get; set; } = 100;

    /// <summary>Time for connecting and for the handshake. Default: 45 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>Time that a peer may be silent when it is its turn. Default: 2 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Time for one session. What was found until then is fetched. Default: 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Time for one request for certificates. Default: 3 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan FetchTimeout { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>Sessions that one peer may have open at the same time. Default: 2.</summary>
    [Range(1, 100)]
    public int MaxSessionsPerPeer { get; set; } = 2;

    /// <summary>Most certificates that one session makes this node fetch; the next session goes on. Default: 100,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxDifferences { get; set; } = 100_000;

    /// <summary>Bytes per hour that may be fetched from one peer of what it offers again and again without effect. Default: 16 MiB.</summary>
    [Range(0, int.MaxValue)]
    public int SuspectBytesPerHour { get; set; } = 16 * 1024 * 1024;

    /// <summary>How long what a peer holds and this node will not is left alone, before it is looked at again. Default: 7 days.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan AliasLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Most digests per peer that are left alone so, and most that are kept an eye on. Default: 10,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxAliasesPerPeer { get; set; } = 10_000;

    /// <summary>A node with less than a tenth of the certificates of a peer that has more than this does not reconcile with it. Default: 10,000.</summary>
    [Range(0, int.MaxValue)]
    public int BootstrapThreshold { get; set; } = 10_000;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (string address in Listen)
        {
            if (address != ListenAddress.Off && !ListenAddress.TryParse(address, out _))
                yield return new ValidationResult($"{nameof(Listen)}: '{address}' is not ADDR:PORT.", [nameof(Listen)]);
        }

        List<IPAddress> sources = [];
        foreach (string text in SourceAddresses)
        {
            if (!IPAddress.TryParse(text, out IPAddress? address))
                yield return new ValidationResult($"{nameof(SourceAddresses)}: '{text}' is not an address.", [nameof(SourceAddresses)]);
            else if (sources.Any(other => other.AddressFamily == address.AddressFamily))
                yield return new ValidationResult($"{nameof(SourceAddresses)}: '{text}' is the second of its family.", [nameof(SourceAddresses)]);
            else
                sources.Add(address);
        }

        foreach (string peer in Peers)
        {
            if (!ReconPeer.TryParse(peer, out _))
                yield return new ValidationResult($"{nameof(Peers)}: '{peer}' is not HOST:PORT, or HOST:PORT;profile=NAME.", [nameof(Peers)]);
        }

        if (Filters.Any(static letter => letter is < ' ' or > '~'))
            yield return new ValidationResult($"{nameof(Filters)}: names of filters are ASCII.", [nameof(Filters)]);
    }
}

/// <summary>Checks <see cref="ReconOptions"/> at start.</summary>
[OptionsValidator]
public sealed partial class ReconOptionsValidator : IValidateOptions<ReconOptions>;
