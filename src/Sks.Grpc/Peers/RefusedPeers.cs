using Microsoft.Extensions.Logging;
using Sks.Node;

namespace Sks.Grpc.Peers;

/// <summary>Remembers who was refused as a peer, so that each is mentioned once. For any number of threads.</summary>
/// <param name="logger">Where it is mentioned.</param>
internal sealed class RefusedPeers(ILogger logger)
{
    /// <summary>Most nodes that are remembered. Ids are free to make.</summary>
    public const int MaxRemembered = 1000;

    private readonly Lock _lock = new();
    private readonly HashSet<NodeId> _ids = [];
    private bool _isFull;
    private bool _wasAnonymous;
    private long _count;

    /// <summary>Calls that were refused.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Notes that a call was refused.</summary>
    /// <param name="id">Whose; null without a certificate.</param>
    public void Note(NodeId? id)
    {
        Interlocked.Increment(ref _count);
        lock (_lock)
        {
            if (id is not { } node)
                NoteAnonymous();
            else if (_ids.Count < MaxRemembered)
                NoteNode(node);
            else if (!_isFull && !_ids.Contains(node))
                NoteFull();
        }
    }

    private void NoteAnonymous()
    {
        if (_wasAnonymous)
            return;
        _wasAnonymous = true;
        PeerLog.RefusedWithoutCertificate(logger);
    }

    private void NoteNode(NodeId node)
    {
        if (_ids.Add(node))
            PeerLog.Refused(logger, node.ToString());
    }

    private void NoteFull()
    {
        _isFull = true;
        PeerLog.RefusedTooMany(logger);
    }
}
