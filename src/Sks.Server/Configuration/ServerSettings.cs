using Sks.Grpc;
using Sks.Grpc.Peers;
using Sks.HkpAdapter;
using Sks.HkpAdapter.Mail;
using Sks.HkpAdapter.Recon;
using Sks.Node;
using Sks.Node.Restrictions;

namespace Sks.Server.Configuration;

/// <summary>Everything that can be configured, one options object per section.</summary>
internal sealed class ServerSettings
{
    public KeyserverOptions Node { get; } = new();

    public HkpOptions Hkp { get; } = new();

    public ReconOptions Recon { get; } = new();

    public MailOptions Mail { get; } = new();

    public GrpcOptions Grpc { get; } = new();

    public PeerOptions Peer { get; } = new();

    public MetricsOptions Metrics { get; } = new();

    public LogOptions Log { get; } = new();

    /// <summary>What an operator should know about where the settings come from, for the log.</summary>
    public IReadOnlyList<string> Notes { get; set; } = [];

    /// <summary>The options objects by the name of their section, in the order in which people read about them.</summary>
    public IReadOnlyList<KeyValuePair<string, object>> Sections =>
    [
        new(KeyserverOptions.Section, Node),
        new(IngestOptions.Section, Node.Ingest),
        new(RestrictionOptions.Section, Node.Restrictions),
        new(HkpOptions.Section, Hkp),
        new(ReconOptions.Section, Recon),
        new(MailOptions.Section, Mail),
        new(GrpcOptions.Section, Grpc),
        new(PeerOptions.Section, Peer),
        new(MetricsOptions.Section, Metrics),
        new(LogOptions.Section, Log),
    ];
}
