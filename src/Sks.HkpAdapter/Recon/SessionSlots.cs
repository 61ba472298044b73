namespace Sks.HkpAdapter.Recon;

/// <summary>Counts the sessions that each peer has open. For any number of threads.</summary>
internal sealed class SessionSlots(int perPeer)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _taken = new(StringComparer.Ordinal);

    /// <summary>Takes a slot; false when the peer has none left.</summary>
    public bool TryTake(string peer)
    {
        lock (_lock)
        {
            int taken = _taken.GetValueOrDefault(peer);
            if (taken >= perPeer)
                return false;
            _taken[peer] = taken + 1;
            return true;
        }
    }

    /// <summary>Gives one back.</summary>
    public void Return(string peer)
    {
        lock (_lock)
        {
            if (--_taken[peer] == 0)
                _taken.Remove(peer);
        }
    }
}
