using System.Buffers.Binary;

namespace Sks.Reconciliation.Sketches;

/// <summary>The list of one bucket that comes in, part by part, against the elements this side has there.</summary>
/// <param name="bucket">Number of the bucket.</param>
/// <param name="size">How many elements the other side's fingerprints give it.</param>
internal sealed class BucketListHere(int bucket, uint size)
{
    private const int BucketShift = 64 - 12;

    // The set may have grown since its fingerprints were made.
    private const int MoreElements = 8192;

    private ulong[]? _ours;
    private int _position;
    private ulong? _last;
    private long _count;

    /// <summary>Compares a part; false when it is none of this list.</summary>
    /// <param name="part">What came.</param>
    /// <param name="set">The own set, read at the first part.</param>
    /// <param name="missingHere">Gets what only the other side has.</param>
    /// <param name="onlyHere">Gets what only this side has, up to the end of the part.</param>
    public bool TryCompare(BucketPrefixes part, IDigestSet set, List<ulong> missingHere, List<ulong> onlyHere)
    {
        int count = part.Prefixes.Length / ExchangeRules.PrefixLength;
        _count += count;
        if (part.Prefixes.Length % ExchangeRules.PrefixLength != 0 || count > ExchangeRules.MaxPrefixesPerMessage
            || (count == 0 && part.Continues) || _count > (2L * size) + MoreElements)
        {
            return false;
        }

        _ours ??= BucketCells.ReadPrefixes(set.ReadBucket(bucket));
        for (ReadOnlySpan<byte> rest = part.Prefixes.Span; !rest.IsEmpty; rest = rest[ExchangeRules.PrefixLength..])
        {
            ulong prefix = BinaryPrimitives.ReadUInt64BigEndian(rest);
            if (prefix >> BucketShift != (ulong)bucket || prefix <= _last)
                return false;
            _last = prefix;
            while (_position < _ours.Length && _ours[_position] < prefix)
                onlyHere.Add(_ours[_position++]);
            if (_position < _ours.Length && _ours[_position] == prefix)
                _position++;
            else
                missingHere.Add(prefix);
        }

        if (!part.Continues)
        {
            onlyHere.AddRange(_ours.AsSpan(_position));
            _position = _ours.Length;
        }

        return true;
    }
}
