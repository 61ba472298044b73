using Google.Protobuf;
using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>Remembers what was announced lately, so that it can be asked for with a bit each. For any number of threads.</summary>
internal sealed class SentAnnouncements
{
    private const int MaxPrefixes = 256 * 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, ulong[]> _sent = [];
    private int _prefixes;
    private ulong _oldest = 1;
    private ulong _newest;

    /// <summary>Notes what is announced next.</summary>
    /// <returns>The number of the announcement.</returns>
    public ulong Add(ulong[] prefixes)
    {
        lock (_lock)
        {
            _newest++;
            if (prefixes.Length > 0)
                _sent.Add(_newest, prefixes);
            _prefixes += prefixes.Length;
            for (; _prefixes > MaxPrefixes; _oldest++)
                _prefixes -= _sent.Remove(_oldest, out ulong[]? forgotten) ? forgotten.Length : 0;
            return _newest;
        }
    }

    /// <summary>What was asked for.</summary>
    /// <exception cref="PeerProtocolException">There is no such announcement, or the bits do not fit it.</exception>
    /// <exception cref="PeerRefusedException">It was made too long ago.</exception>
    public IReadOnlyList<ulong> Find(ulong number, ByteString bits)
    {
        lock (_lock)
        {
            if (number == 0 || number > _newest)
                throw new PeerProtocolException("wants from an announcement that was not made");
            if (!_sent.TryGetValue(number, out ulong[]? prefixes))
                throw new PeerRefusedException(ErrorCode.Busy, "wants from an announcement of long ago");
            if (bits.Length != (prefixes.Length + 7) / 8)
                throw new PeerProtocolException("wants with bits that do not fit the announcement");
            return [.. prefixes.Where((_, i) => (bits[i / 8] >> (i % 8) & 1) != 0)];
        }
    }
}
