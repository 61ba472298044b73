using Sks.Node;
using Sks.Node.Peers;

namespace Sks.Grpc.Peers;

/// <summary>Bytes on the socket of one connection, below TLS, added to what is known of the peer as soon as it is known who that is.</summary>
/// <param name="registry">Where peers' counts are.</param>
internal sealed class ByteCount(PeerRegistry registry)
{
    private readonly Lock _lock = new();
    private string? _peer;
    private long _received;
    private long _sent;

    /// <summary>Says whose connection it is. What was counted before is the peer's as well.</summary>
    public void Attribute(NodeId peer)
    {
        if (_peer is not null)
            return;
        long received;
        long sent;
        lock (_lock)
        {
            _peer = peer.ToString();
            (received, sent) = (_received, _sent);
            (_received, _sent) = (0, 0);
        }

        Note(_peer, received, sent);
    }

    /// <summary>Counts.</summary>
    public void Add(long received, long sent)
    {
        if (_peer is null)
        {
            lock (_lock)
            {
                if (_peer is null)
                {
                    _received += received;
                    _sent += sent;
                    return;
                }
            }
        }

        Note(_peer, received, sent);
    }

    private void Note(string peer, long received, long sent) => registry.TryUpdate(
        peer, status => status with { BytesReceived = status.BytesReceived + received, BytesSent = status.BytesSent + sent });
}
