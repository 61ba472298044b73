namespace Sks.Reconciliation;

/// <summary>A tree as it would be with some elements more and some less, without changing it.</summary>
/// <remarks>
/// Immutable, as long as the tree is. Each look below a prefix costs as much as in the tree, and a multiplication per sample for each of the
/// elements that differ there.
/// </remarks>
public sealed class AliasedTree : IPartitionTree
{
    private readonly IPartitionTree _inner;
    private readonly Sampler _sampler;

    // Ascending; only those that make a difference.
    private readonly Element[] _added;
    private readonly Element[] _hidden;

    /// <summary>A tree with elements added and hidden.</summary>
    /// <param name="inner">The tree.</param>
    /// <param name="added">What shall be there, in any order; also what is there already.</param>
    /// <param name="hidden">What shall not be there, in any order, also when it is added; also what is not there anyway.</param>
    public AliasedTree(IPartitionTree inner, IReadOnlyList<Element> added, IReadOnlyList<Element> hidden)
    {
        _inner = inner;
        _sampler = new Sampler(inner.Shape);
        Element[] wanted = [.. added.Except(hidden).Where(inner.Shape.CanHold).Order()];
        Element[] unwanted = [.. hidden.Distinct().Order()];
        _added = [.. wanted.Except(PresentElements.Find(_inner, Prefix.Root, wanted)).Order()];
        _hidden = [.. PresentElements.Find(_inner, Prefix.Root, unwanted)];
    }

    /// <inheritdoc/>
    public TreeShape Shape => _inner.Shape;

    /// <inheritdoc/>
    public TreeNode Read(Prefix prefix)
    {
        TreeNode node = _inner.Read(prefix);
        ReadOnlySpan<Element> added = Below(prefix, _added);
        ReadOnlySpan<Element> hidden = Below(prefix, _hidden);
        if (added.IsEmpty && hidden.IsEmpty)
            return node;

        FieldElement[] samples = [.. node.Samples];
        foreach (Element element in added)
            _sampler.Include(samples, element);
        if (!hidden.IsEmpty)
        {
            FieldElement[] divisors = _sampler.CreateOnes();
            foreach (Element element in hidden)
                _sampler.Include(divisors, element);
            Sampler.Divide(samples, divisors);
        }

        long count = node.Count + added.Length - hidden.Length;
        Element[]? elements = Shape.IsLeaf(count, prefix.Length) ? [.. ReadElements(prefix)] : null;
        return new TreeNode(prefix, count, samples, elements);
    }

    /// <inheritdoc/>
    public IEnumerable<Element> ReadElements(Prefix prefix)
    {
        (int nextAdded, int endAdded) = RangeOf(prefix, _added);
        (int nextHidden, int endHidden) = RangeOf(prefix, _hidden);
        foreach (Element element in _inner.ReadElements(prefix))
        {
            for (; nextAdded < endAdded && _added[nextAdded] < element; nextAdded++)
                yield return _added[nextAdded];
            if (nextHidden < endHidden && _hidden[nextHidden] == element)
                nextHidden++;
            else
                yield return element;
        }

        for (; nextAdded < endAdded; nextAdded++)
            yield return _added[nextAdded];
    }

    private static ReadOnlySpan<Element> Below(Prefix prefix, Element[] elements)
    {
        (int start, int end) = RangeOf(prefix, elements);
        return elements.AsSpan(start..end);
    }

    private static (int Start, int End) RangeOf(Prefix prefix, Element[] elements)
    {
        int start = Array.BinarySearch(elements, prefix.First);
        int last = Array.BinarySearch(elements, prefix.Last);
        return (start < 0 ? ~start : start, last < 0 ? ~last : last + 1);
    }
}
