using System.Numerics;
using System.Runtime.Intrinsics;

namespace Sks.Reconciliation.Sketches;

/// <summary>Estimates how many differences two sets have by single cells of their sketches, the probes.</summary>
/// <remarks>
/// A cell is the same in both sketches when none of the differences is in it; how likely that is depends on its index alone. 128 cells of each octave
/// from 256 up tell d within 8 to 10 % as a rule, from some hundred up to about 0.6 of the number of cells. Four bits of each are enough: many probes that are sometimes the same by
/// chance tell more than few that never are, and with fewer bits it is no better.
/// </remarks>
internal static class DifferenceEstimator
{
    private const int FirstLog2 = 8;
    private const int PerOctave = 128;
    private const int PerByte = 2;

    // Probes that lie so close together count as if all had the index in their middle: their rates differ by 6 % at most.
    private const int Together = 8;

    private const double ByChance = 1.0 / 16;
    private const int MaxLog2 = 30;
    private const int Steps = 18; // to a hundredth of a percent

    /// <summary>Bytes of the probes of a sketch with so many cells.</summary>
    public static int ProbesLength(int cells) => PerOctave / PerByte * (BitOperations.Log2((uint)cells) - FirstLog2);

    /// <summary>The probes: of each cell the XOR of its 32 half bytes; the first of two in the lower half of a byte.</summary>
    /// <param name="sketch">Cells.</param>
    /// <param name="cells">How many of them count: a power of two, at least 256.</param>
    public static byte[] Read(ReadOnlySpan<Vector128<byte>> sketch, int cells)
    {
        var folded = new byte[ProbesLength(cells)];
        for (int i = 0; i < folded.Length; i++)
            folded[i] = (byte)(Fold(sketch[IndexOf(PerByte * i)]) | (Fold(sketch[IndexOf((PerByte * i) + 1)]) << 4));
        return folded;
    }

    /// <summary>The most likely number of differences; infinite when no two probes are the same, 0 when all are or there are none.</summary>
    /// <param name="ours">Our probes.</param>
    /// <param name="theirs">As many.</param>
    public static double Estimate(ReadOnlySpan<byte> ours, ReadOnlySpan<byte> theirs)
    {
        var groups = new (double Rate, int Same)[ours.Length * PerByte / Together];
        int same = 0;
        for (int group = 0; group < groups.Length; group++)
        {
            int first = group * Together;
            int here = 0;
            for (int i = first / PerByte; i < (first + Together) / PerByte; i++)
            {
                int changed = ours[i] ^ theirs[i];
                here += ((changed & 0x0F) == 0 ? 1 : 0) + ((changed & 0xF0) == 0 ? 1 : 0);
            }

            groups[group] = (RateOf((IndexOf(first) + IndexOf(first + Together - 1)) / 2), here);
            same += here;
        }

        if (same == groups.Length * Together)
            return 0;
        if (same == 0)
            return double.PositiveInfinity;

        double low = 0;
        double high = MaxLog2;
        for (int step = 0; step < Steps; step++)
        {
            double middle = (low + high) / 2;
            if (IsMoreLikelyAbove(groups, Math.Pow(2, middle)))
                low = middle;
            else
                high = middle;
        }

        return Math.Pow(2, high);
    }

    /// <summary>Whether the likelihood grows with the number of differences there: its derivative, which changes its sign at the maximum.</summary>
    private static bool IsMoreLikelyAbove(ReadOnlySpan<(double Rate, int Same)> groups, double differences)
    {
        double derivative = 0;
        foreach ((double rate, int same) in groups)
        {
            double without = Math.Exp(-rate * differences);
            derivative += rate * without * (((Together - same) / (1 - without)) - (same * (1 - ByChance) / (ByChance + ((1 - ByChance) * without))));
        }

        return derivative > 0;
    }

    /// <summary>How likely a cell is to have a difference in it, as a rate: it has none of d with the probability exp(-rate d).</summary>
    private static double RateOf(int index) => -Math.Log(1 - ((3.0 / 16 / (1 + (index / 8.0))) + (13.0 / 16 / (1 + (0.75 * index)))));

    private static int IndexOf(int probe)
    {
        int octave = 1 << (FirstLog2 + (probe / PerOctave));
        return octave + (probe % PerOctave * (octave / PerOctave));
    }

    private static int Fold(Vector128<byte> cell)
    {
        Vector128<ulong> words = cell.AsUInt64();
        ulong sum = words[0] ^ words[1];
        for (int half = 32; half >= 4; half /= 2)
            sum ^= sum >> half;
        return (int)(sum & 0x0F);
    }
}
