using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sks.Reconciliation.Sketches;

/// <summary>How far a decoder is.</summary>
internal enum DecoderState
{
    /// <summary>More cells are needed.</summary>
    Incomplete,

    /// <summary>Every cell was accounted for.</summary>
    Complete,

    /// <summary>The cells are no sum of symbols.</summary>
    Inconsistent,
}

/// <summary>Finds the symbols that only one of two sketches has, as cells come in. What is done for the first cells is not done again for later ones.</summary>
/// <remarks>
/// A cell that holds one symbol gives it away; taken out of all its cells, it leaves others with one symbol. Cells whose content has changed are looked at
/// in rounds, so that those that nearly every symbol is in are looked at once per round and not once per symbol. Cells that are no sum of symbols
/// would keep a naive decoder busy for ever: a symbol that comes out twice, or more symbols than cells, end it.
/// </remarks>
internal sealed class SketchDecoder
{
    private readonly SketchKey _key;
    private readonly int _maxCells;
    private readonly List<Symbol> _recovered = [];
    private readonly List<SymbolMapping> _ahead = [];
    private readonly HashSet<UInt128> _known = [];
    private Vector128<byte>[] _cells = [];
    private bool[] _isWaiting = [];
    private List<int> _waiting = [];
    private List<int> _next = [];
    private int[] _places = new int[64];

    /// <summary>Begins without cells.</summary>
    /// <param name="key">Of both sketches.</param>
    /// <param name="maxCells">The most cells there will be.</param>
    public SketchDecoder(SketchKey key, int maxCells)
    {
        _key = key;
        _maxCells = maxCells;
    }

    /// <summary>How far it is.</summary>
    public DecoderState State { get; private set; }

    /// <summary>How many cells were given.</summary>
    public int Count { get; private set; }

    /// <summary>The symbols found so far.</summary>
    public IReadOnlyList<Symbol> Recovered => _recovered;

    /// <summary>Takes the next cells in.</summary>
    /// <param name="theirs">16 bytes per cell.</param>
    /// <param name="ours">The same cells of the own sketch.</param>
    public void Append(ReadOnlySpan<byte> theirs, ReadOnlySpan<Vector128<byte>> ours)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(theirs.Length, ours.Length * Symbol.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ours.Length, _maxCells - Count);
        if (State == DecoderState.Inconsistent)
            return;

        int first = Count;
        Grow(first + ours.Length);
        theirs.CopyTo(MemoryMarshal.AsBytes(_cells.AsSpan(first, ours.Length)));
        for (int i = 0; i < ours.Length; i++)
        {
            _cells[first + i] ^= ours[i];
            Await(first + i, _waiting);
        }

        TakeOutKnown();
        Peel();
    }

    private void Grow(int count)
    {
        if (count > _cells.Length)
        {
            int length = (int)Math.Min(_maxCells, Math.Max(count, 2L * _cells.Length));
            Array.Resize(ref _cells, length);
            Array.Resize(ref _isWaiting, length);
        }

        Count = count;
    }

    /// <summary>Takes the symbols that are known already out of the cells that have just come.</summary>
    private void TakeOutKnown()
    {
        Span<SymbolMapping> ahead = CollectionsMarshal.AsSpan(_ahead);
        for (int i = 0; i < ahead.Length; i++)
        {
            if (!ahead[i].IsBelow(Count))
                continue;
            Vector128<byte> cell = _recovered[i].ToCell();
            for (; ahead[i].IsBelow(Count); ahead[i].Advance())
                _cells[ahead[i].Index] ^= cell;
        }
    }

    private void Peel()
    {
        while (_waiting.Count > 0)
        {
            foreach (int index in _waiting)
            {
                _isWaiting[index] = false;
                Vector128<byte> cell = _cells[index];
                if (cell != Vector128<byte>.Zero && Symbol.TryRead(_key, cell, out Symbol symbol) && !TryTakeOut(symbol, cell, index))
                {
                    State = DecoderState.Inconsistent;
                    return;
                }
            }

            _waiting.Clear();
            (_waiting, _next) = (_next, _waiting);
        }

        // Every symbol is in cell 0.
        if (Count > 0 && _cells[0] == Vector128<byte>.Zero && !_cells.AsSpan(0, Count).ContainsAnyExcept(Vector128<byte>.Zero))
            State = DecoderState.Complete;
        else
            State = DecoderState.Incomplete;
    }

    /// <summary>Takes a symbol out of its cells; false when that must not happen. Nothing happens when it was none.</summary>
    private bool TryTakeOut(in Symbol symbol, Vector128<byte> cell, int foundAt)
    {
        int count = 0;
        bool isHere = false;
        var mapping = new SymbolMapping(symbol.Seed);
        for (; mapping.IsBelow(Count); mapping.Advance())
        {
            if (count == _places.Length)
                Array.Resize(ref _places, 2 * count);
            isHere |= mapping.Index == foundAt;
            _places[count++] = mapping.Index;
        }

        if (!isHere)
            return true;
        if (_recovered.Count == Count || !_known.Add(new UInt128(symbol.Low, ((ulong)symbol.Check << 32) | symbol.Tag)))
            return false;

        foreach (int place in _places.AsSpan(0, count))
        {
            _cells[place] ^= cell;
            Await(place, _next);
        }

        _recovered.Add(symbol);
        _ahead.Add(mapping);
        return true;
    }

    private void Await(int index, List<int> list)
    {
        if (_isWaiting[index])
            return;
        _isWaiting[index] = true;
        list.Add(index);
    }
}
