using CsCheck;

namespace Sks.Reconciliation.Tests;

public sealed class PartitionTreeTests
{
    [Fact]
    public void Every_prefix_is_read_as_its_elements_call_for_stored_or_not() =>
        Gen.Select(SomeElements.Shapes, Gen.Int[0, 300], Gen.Int[0, 400].List[1, 10], Gen.Int[0, 128]).Sample(
            static (shape, count, probes, length) =>
            {
                Element[] elements = [.. SomeElements.First(count).Distinct()];
                var tree = new PartitionTree(MemoryNodeStore.Build(elements, shape), shape);
                foreach (int probe in probes)
                {
                    var prefix = new Prefix(SomeElements.Number(probe).Value, length - (length % shape.BitQuantum));
                    Assert.Equal(NaiveTree.DescribeNode(elements, prefix, shape), NaiveTree.DescribeNode(tree.Read(prefix)));
                    Assert.Equal(elements.Where(prefix.Contains).Order(), tree.ReadElements(prefix));
                }

                Assert.Equal(elements.Order(), tree.ReadElements(Prefix.Root));
            },
            iter: 200);

    [Fact]
    public void Empty_tree_is_an_empty_leaf_everywhere()
    {
        var tree = new PartitionTree(new MemoryNodeStore(), TreeShape.Default);
        foreach (Prefix prefix in (Prefix[])[Prefix.Root, new(UInt128.MaxValue, 4), new(1, 128)])
        {
            TreeNode node = tree.Read(prefix);
            Assert.Equal(prefix, node.Prefix);
            Assert.Equal(0, node.Count);
            Assert.Equal(Enumerable.Repeat(FieldElement.One, 6), node.Samples);
            Assert.Empty(node.Elements!);
            Assert.Empty(tree.ReadElements(prefix));
        }
    }

    [Fact]
    public void Prefix_between_two_levels_is_refused() => Assert.Throws<ArgumentException>(
        () => new PartitionTree(new MemoryNodeStore(), TreeShape.Default).Read(new Prefix(0, 3)));

    [Fact]
    public void Walk_to_a_leaf_ends_there_however_long_the_prefix()
    {
        // A peer may ask for a prefix of 128 bits: that must not be 64 look-ups.
        var store = new CountingStore(MemoryNodeStore.Build(SomeElements.First(30), TreeShape.Default));
        new PartitionTree(store, TreeShape.Default).Read(new Prefix(UInt128.MaxValue, 128));
        Assert.Equal(2, store.LookUps);
    }

    private sealed class CountingStore(INodeStore inner) : INodeStore
    {
        public int LookUps { get; private set; }

        public TreeNode? Find(Prefix prefix)
        {
            LookUps++;
            return inner.Find(prefix);
        }
    }
}
