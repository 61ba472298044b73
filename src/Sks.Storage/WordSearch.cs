using RocksDbSharp;
using Sks.OpenPgp;

namespace Sks.Storage;

/// <summary>Finds the certificates that have all of some words, with a bound on the work that anyone's query can cause.</summary>
internal sealed class WordSearch
{
    private const int MaxWords = 256;

    // Below a second, even when all of it is spent.
    private const int RowBudget = 250_000;

    private readonly StoreReader _reader;
    private readonly List<byte[]> _prefixes;
    private int _rowBudget = RowBudget;

    public WordSearch(StoreReader reader, IReadOnlyList<ReadOnlyMemory<byte>> words)
    {
        _reader = reader;

        // Long words are seldom common, so they rule candidates out first.
        _prefixes = [.. words.OrderByDescending(static word => word.Length).Select(static word => KeyCodec.WordPrefix(word.Span))];
    }

    /// <summary>Runs the search.</summary>
    /// <returns>Null when every word is more common than <paramref name="commonLimit"/>, or the search is too much work.</returns>
    public IReadOnlyList<CertificateIdentity>? Run(int limit, int commonLimit)
    {
        if (_prefixes.Count > MaxWords)
            return null;
        (int rarest, List<CertificateIdentity>? candidates) = FindRarest(commonLimit);
        if (candidates is null)
            return null;

        List<CertificateIdentity> matches = [];
        foreach (CertificateIdentity candidate in candidates)
        {
            if (HasAll(candidate, rarest))
                matches.Add(candidate);
            if (_rowBudget <= 0)
                return null;
            if (matches.Count == limit)
                break;
        }

        return matches;
    }

    // Reads all words side by side, one row each in turn, until one is exhausted: that one is the rarest, whatever the others hold.
    private (int Index, List<CertificateIdentity>? Identities) FindRarest(int commonLimit)
    {
        List<Iterator> iterators = [];
        try
        {
            foreach (byte[] prefix in _prefixes)
                iterators.Add(_reader.NewIterator(Family.Words).Seek(prefix));
            List<CertificateIdentity>[] found = [.. _prefixes.Select(static _ => new List<CertificateIdentity>())];
            for (int row = 0; row <= commonLimit && _rowBudget > 0; row++)
            {
                for (int i = 0; i < _prefixes.Count; i++)
                {
                    if (!StoreReader.StartsWith(iterators[i], _prefixes[i]))
                        return (i, found[i]);
                    found[i].Add(CertificateIdentity.Read(iterators[i].GetKeySpan()[_prefixes[i].Length..]));
                    iterators[i].Next();
                    _rowBudget--;
                }
            }

            return (-1, null);
        }
        finally
        {
            iterators.ForEach(static iterator => iterator.Dispose());
        }
    }

    private bool HasAll(CertificateIdentity candidate, int except)
    {
        for (int i = 0; i < _prefixes.Count; i++)
        {
            if (i == except)
                continue;
            _rowBudget--;
            if (!_reader.HasRow(Family.Words, KeyCodec.WithIdentity(_prefixes[i], candidate)))
                return false;
        }

        return true;
    }
}
