using System.Runtime.CompilerServices;

namespace Sks.Reconciliation.Sketches;

/// <summary>The cells a symbol is added to: 0, then ever sparser, without end. The same on every platform.</summary>
/// <remarks>
/// Only operations that IEEE 754 rounds correctly: +, *, / and the square root; no power function, no fused multiply-add. Two kinds of symbols, one
/// sparser than the other, need 1.09 cells per difference where one kind needs 1.35; the rule below <see cref="Dense"/> is for few differences.
/// </remarks>
internal struct SymbolMapping
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;
    private const double Dense = 64;

    private readonly bool _isSparse;
    private ulong _state;

    // A whole number. Not an int, so that what lies far behind the last cell needs no care.
    private double _index;

    /// <summary>Begins at cell 0.</summary>
    public SymbolMapping(ulong seed)
    {
        _isSparse = seed >> 60 < 3;
        _state = seed;
    }

    /// <summary>The cell it is at, when that is below some number of cells.</summary>
    public readonly int Index
    {
        // Not a cast: that takes care of what is no int, and costs as much as a square root.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => double.ConvertToIntegerNative<int>(_index);
    }

    /// <summary>Whether that is one of the first cells.</summary>
    public readonly bool IsBelow(int cells) => _index < cells;

    /// <summary>Goes on to the next cell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance()
    {
        double root = Math.Sqrt(NextUniform());
        double step;
        if (_isSparse)
            step = (_index + 4.5) * ((1 / Math.Sqrt(Math.Sqrt(root))) - 1);
        else if (_index < Dense)
            step = (_index + 1.5) * ((1 / root) - 1);
        else
            step = (_index + (7.0 / 6.0)) * ((1 / (root * Math.Sqrt(root))) - 1);

        // One instruction where a comparison would be guessed wrong every other time.
        _index += double.MaxNative(Math.Ceiling(step), 1);
    }

    /// <summary>The next number of SplitMix64, as one above 0 and up to 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private double NextUniform()
    {
        _state += Gamma;
        ulong mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        mixed ^= mixed >> 31;
        return ((long)(mixed >> 11) + 0.5) * (1.0 / (1L << 53));
    }
}
