using System.Security.Cryptography;

namespace Sks.Reconciliation;

/// <summary>Works out by the samples of two sets what they do not have in common.</summary>
/// <remarks>
/// The quotient of both sets' samples is the value of a fraction whose numerator has the elements of the remote set alone as roots, and its denominator
/// those of the local set alone: everything in common cancels out. Source: Minsky, Trachtenberg and Zippel, Set Reconciliation with Nearly
/// Optimal Communication Complexity.
/// </remarks>
public static class DifferenceDecoder
{
    /// <summary>Finds the difference; false when there is none that fits, as a rule because it has more than <see cref="TreeShape.Mbar"/> elements.</summary>
    /// <remarks>
    /// Everything remote may be anything: what makes no sense is false as well, in a time that the shape alone bounds. Whether the elements found are
    /// in the sets is not known here.
    /// </remarks>
    /// <param name="shape">How many samples there are.</param>
    /// <param name="remoteSamples">The peer's samples of a node, as in <see cref="TreeNode.Samples"/>.</param>
    /// <param name="remoteCount">How many elements the peer has there.</param>
    /// <param name="localSamples">Our samples of the same node.</param>
    /// <param name="localCount">How many elements we have there.</param>
    /// <param name="difference">The difference.</param>
    public static bool TryDecode(
        TreeShape shape,
        IReadOnlyList<FieldElement> remoteSamples,
        long remoteCount,
        IReadOnlyList<FieldElement> localSamples,
        long localCount,
        out SetDifference difference)
    {
        difference = new([], []);
        if (remoteSamples.Count != shape.SampleCount || localSamples.Count != shape.SampleCount || remoteCount < 0 || localCount < 0)
            return false;

        // Neither is negative, so that this does not overflow.
        long surplus = remoteCount - localCount;
        if (surplus > shape.Mbar || surplus < -shape.Mbar || localSamples.Any(static sample => sample.IsZero))
            return false;

        FieldElement[] points = [.. SamplePoints.First(shape.SampleCount)];
        FieldElement[] values = [.. localSamples];
        FieldElement.InvertAll(values);
        for (int i = 0; i < values.Length; i++)
            values[i] *= remoteSamples[i];

        // Both degrees together are the number of points used, and their difference is the surplus: one point is left out where parity asks for it.
        int used = shape.Mbar - (int)(Math.Abs(shape.Mbar - surplus) % 2);
        int numeratorDegree = (used + (int)surplus) / 2;
        if (!RationalInterpolation.TryInterpolate(
                points.AsSpan(0, used), values.AsSpan(0, used), numeratorDegree, used - numeratorDegree, out Polynomial remote, out Polynomial local)
            || remote.Degree > remoteCount) // and then the other's is above its count as well
        {
            return false;
        }

        for (int i = used; i < points.Length; i++)
        {
            FieldElement below = local.Evaluate(points[i]);
            if (below.IsZero || remote.Evaluate(points[i]) != values[i] * below)
                return false;
        }

        if (!TryFindElements(remote, out IReadOnlyList<Element> remoteOnly) || !TryFindElements(local, out IReadOnlyList<Element> localOnly))
            return false;
        difference = new(remoteOnly, localOnly);
        return true;
    }

    private static bool TryFindElements(Polynomial polynomial, out IReadOnlyList<Element> elements)
    {
        elements = [];
        if (!RootFinder.TryFind(polynomial, DrawShift, out IReadOnlyList<FieldElement> roots))
            return false;

        var found = new Element[roots.Count];
        for (int i = 0; i < found.Length; i++)
        {
            if (!roots[i].TryGetElement(out found[i]))
                return false;
        }

        Array.Sort(found, ElementOrder.Numeric);
        elements = found;
        return true;
    }

    // Of cryptographic quality: nobody can choose elements that all fall on one side.
    private static FieldElement DrawShift()
    {
        Span<byte> bytes = stackalloc byte[Element.Length];
        RandomNumberGenerator.Fill(bytes);
        return FieldElement.From(Element.Read(bytes));
    }
}
