using System.Collections.Immutable;
using System.Net;
using Sks.Node.Links;

namespace Sks.Node.Peers;

/// <summary>What kind of server a peer is.</summary>
public enum PeerKind
{
    /// <summary>It speaks the protocol of SKS.</summary>
    Sks = 1,

    /// <summary>It is of our own kind.</summary>
    Modern = 2,

    /// <summary>It is sent what clients submit, by mail or over HTTP.</summary>
    Pks = 3,
}

/// <summary>Who began a session with a peer.</summary>
public enum PeerRole
{
    /// <summary>This node contacted the peer.</summary>
    Initiator = 1,

    /// <summary>The peer contacted this node.</summary>
    Responder = 2,
}

/// <summary>How it goes with one peer. Counters count from the start of the node.</summary>
/// <param name="Name">Of an SKS server host and port as the operator wrote them, with a blank between them; of one of our own kind its node id, of one that is sent to its mail address or URL.</param>
public sealed record PeerStatus(string Name)
{
    /// <summary>What it is.</summary>
    public PeerKind Kind { get; init; } = PeerKind.Sks;

    /// <summary>Its addresses; empty when its name has not resolved so far.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>Whether it is this node itself, which is then never contacted.</summary>
    public bool IsSelf { get; init; }

    /// <summary>When there was a session last; null for not yet.</summary>
    public DateTimeOffset? LastContact { get; init; }

    /// <summary>Who began it; null for not yet.</summary>
    public PeerRole? LastRole { get; init; }

    /// <summary>When a session came to its proper end last; null for not yet.</summary>
    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>When the peer will be contacted next at the earliest; null when that is not planned.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>What went wrong last, in words; null when the last session came to its proper end, and what was fetched arrived.</summary>
    public string? LastError { get; init; }

    /// <summary>Sessions that came to their proper end.</summary>
    public long Sessions { get; init; }

    /// <summary>Sessions and attempts that did not.</summary>
    public long Errors { get; init; }

    /// <summary>Certificates that the last session found only the peer to have.</summary>
    public long LastDifferences { get; init; }

    /// <summary>Certificates that sessions found only the peer to have.</summary>
    public long Differences { get; init; }

    /// <summary>Certificates fetched from the peer that changed what is stored.</summary>
    public long Recovered { get; init; }

    /// <summary>Bytes received, of sessions and certificates.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Bytes sent in sessions.</summary>
    public long BytesSent { get; init; }

    /// <summary>Digests that the peer holds and this node will not: they are left alone.</summary>
    public int Aliases { get; init; }

    /// <summary>Digests that the peer has offered in three rounds or more without effect, aliases aside.</summary>
    public int Ineffective { get; init; }

    /// <summary>Name of the dialect that a server reconciles in; null for one that does not reconcile so.</summary>
    public string? Profile { get; init; }

    /// <summary>Where a server of our own kind is reached, HOST:PORT each.</summary>
    public IReadOnlyList<string> EndPoints { get; init; } = [];

    /// <summary>Whether there is a connection now.</summary>
    public bool IsConnected { get; init; }

    /// <summary>Certificates sent to the peer.</summary>
    public long Sent { get; init; }

    /// <summary>Certificates that wait to be sent to a server that does not ask for them.</summary>
    public long Waiting { get; init; }

    /// <summary>Digests that one of the two refuses and that are left alone.</summary>
    public int Phantoms { get; init; }

    /// <summary>Certificates of this node's that the peer has refused, by reason.</summary>
    public ImmutableSortedDictionary<RefusalReason, long> Refused { get; init; } = ImmutableSortedDictionary<RefusalReason, long>.Empty;

    /// <summary>Sessions that ended because the peer asked for too much.</summary>
    public long Excesses { get; init; }

    /// <summary>The policy whose clean views are exchanged; 0 for not yet.</summary>
    public int PolicyVersion { get; init; }

    /// <summary>What the peer runs, in its own words; null for not yet.</summary>
    public string? Software { get; init; }
}
