using System.Buffers.Binary;
using Sks.OpenPgp;

namespace Sks.Node.Links;

/// <summary>The phantoms of one link, in the order of their digests. For any number of threads; never waits for anything.</summary>
/// <remarks>A phantom is over when it has expired, and when restrictions were taken back since it was made: what was refused may be welcome now.</remarks>
/// <param name="time">They expire.</param>
/// <param name="countRetractions">How many restrictions have been taken back.</param>
internal sealed class PhantomSet(TimeProvider time, Func<int> countRetractions)
{
    /// <summary>Most phantoms of one link.</summary>
    public const int MaxCount = 10_000;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<DigestKey, Phantom> _all = [];
    private readonly SortedSet<DigestKey> _keys = [];

    /// <summary>How long a phantom lasts of which this node learns when it is over: what it restricts.</summary>
    public static TimeSpan Lifetime { get; } = TimeSpan.FromDays(30);

    /// <summary>How long other phantoms last: nothing tells this node when a peer gives what it declined, or when limits are raised or checks mended.</summary>
    public static TimeSpan UnannouncedLifetime { get; } = TimeSpan.FromDays(1);

    /// <summary>How many there are, those included that are over and have not been removed.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _keys.Count;
        }
    }

    /// <summary>Whether one starts with a prefix.</summary>
    public bool Contains(ulong prefix) => Find(prefix).Length > 0;

    /// <summary>Whether it is one.</summary>
    public bool Contains(ContentDigest digest)
    {
        lock (_lock)
            return _keys.Contains(new DigestKey(digest));
    }

    /// <summary>Adds or replaces one.</summary>
    /// <returns>What had to go to make room: what would have expired first.</returns>
    public IReadOnlyList<ContentDigest> Add(Phantom phantom)
    {
        lock (_lock)
        {
            var key = new DigestKey(phantom.Digest);
            _all[key] = phantom;
            if (!_keys.Add(key) || _keys.Count <= MaxCount)
                return [];
            DigestKey oldest = _all.MinBy(static one => one.Value.Until).Key;
            Take(oldest);
            return [oldest.Digest];
        }
    }

    /// <summary>Notes that something was not held at a place in the log, if it is a phantom still.</summary>
    public void Confirm(ContentDigest digest, ulong absentAt)
    {
        lock (_lock)
        {
            var key = new DigestKey(digest);
            if (_all.TryGetValue(key, out Phantom? phantom))
                _all[key] = phantom with { AbsentAt = absentAt };
        }
    }

    /// <summary>Ends one.</summary>
    /// <returns>Whether it was one.</returns>
    public bool Remove(ContentDigest digest)
    {
        lock (_lock)
            return Take(new DigestKey(digest));
    }

    /// <summary>Ends those that start with a prefix.</summary>
    public IReadOnlyList<ContentDigest> Remove(ulong prefix) => RemoveAll(ReadKeys(From(prefix), To(prefix)));

    /// <summary>Removes those that are over.</summary>
    public IReadOnlyList<ContentDigest> RemoveOver()
    {
        Func<Phantom, bool> lasts = Lasting();
        lock (_lock)
            return RemoveAll([.. _all.Where(one => !lasts(one.Value)).Select(static one => one.Key)]);
    }

    /// <summary>Ends those for which a condition holds, which is asked outside of the lock.</summary>
    public IReadOnlyList<ContentDigest> Remove(Func<ContentDigest, bool> condition)
    {
        DigestKey[] all;
        lock (_lock)
            all = [.. _keys];
        return RemoveAll([.. all.Where(key => condition(key.Digest))]);
    }

    /// <summary>Those that count at a place in the log.</summary>
    /// <returns>32 bytes each.</returns>
    public byte[] Read(ulong sequence)
    {
        Func<Phantom, bool> lasts = Lasting();
        lock (_lock)
            return Join(_all.Values.Where(one => lasts(one) && one.AbsentAt <= sequence).Select(static one => one.Digest));
    }

    /// <summary>Those that are not over and start with a prefix.</summary>
    /// <param name="prefix">First 8 bytes, big-endian.</param>
    /// <returns>32 bytes each, ascending.</returns>
    public byte[] Find(ulong prefix) => Read(From(prefix), To(prefix));

    /// <summary>Those of a bucket that are not over.</summary>
    /// <param name="bucket">Their first 12 bits.</param>
    /// <returns>32 bytes each, ascending.</returns>
    public byte[] ReadBucket(int bucket) => Read(From((ulong)bucket << 52), To(((ulong)bucket << 52) | (ulong.MaxValue >> 12)));

    private static DigestKey From(ulong prefix)
    {
        Span<byte> bytes = stackalloc byte[ContentDigest.Length];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(bytes, prefix);
        return new DigestKey(ContentDigest.Read(bytes));
    }

    private static DigestKey To(ulong prefix)
    {
        Span<byte> bytes = stackalloc byte[ContentDigest.Length];
        bytes.Fill(byte.MaxValue);
        BinaryPrimitives.WriteUInt64BigEndian(bytes, prefix);
        return new DigestKey(ContentDigest.Read(bytes));
    }

    private static byte[] Join(IEnumerable<ContentDigest> digests) => [.. digests.SelectMany(static digest => digest.Span.ToArray())];

    private Func<Phantom, bool> Lasting()
    {
        DateTimeOffset now = time.GetUtcNow();
        int retractions = countRetractions();
        return phantom => phantom.Until > now && phantom.Retractions == retractions;
    }

    private List<DigestKey> ReadKeys(DigestKey from, DigestKey to)
    {
        lock (_lock)
            return _keys.Count == 0 ? [] : [.. _keys.GetViewBetween(from, to)];
    }

    private byte[] Read(DigestKey from, DigestKey to)
    {
        Func<Phantom, bool> lasts = Lasting();
        lock (_lock)
            return _keys.Count == 0 ? [] : Join(_keys.GetViewBetween(from, to).Where(key => lasts(_all[key])).Select(static key => key.Digest));
    }

    private List<ContentDigest> RemoveAll(List<DigestKey> keys)
    {
        lock (_lock)
            return [.. keys.Where(Take).Select(static key => key.Digest)];
    }

    // Lock holder only.
    private bool Take(DigestKey key) => _keys.Remove(key) && _all.Remove(key);

    private readonly record struct DigestKey(ContentDigest Digest) : IComparable<DigestKey>
    {
        public int CompareTo(DigestKey other) => Digest.Span.SequenceCompareTo(other.Digest.Span);
    }
}
