using CsCheck;

namespace Sks.Reconciliation.Tests;

public sealed class AliasedTreeTests
{
    [Fact]
    public void It_is_the_tree_of_the_set_with_some_more_and_some_less() =>
        Gen.Select(SomeElements.Shapes, Gen.Int[0, 300], Gen.Int[0, 400].List[0, 60], Gen.Int[0, 400].List[0, 60], Gen.Int[0, 128]).Sample(
            static (shape, count, adds, hides, length) =>
            {
                Element[] elements = [.. SomeElements.First(count).Distinct()];
                Element[] added = [.. adds.Select(SomeElements.Number)];
                Element[] hidden = [.. hides.Select(SomeElements.Number)];
                Element[] expected = [.. elements.Union(added).Except(hidden).Order()];

                var tree = new AliasedTree(new PartitionTree(MemoryNodeStore.Build(elements, shape), shape), added, hidden);

                IEnumerable<Prefix> prefixes = adds.Concat(hides).Take(20)
                    .Select(probe => new Prefix(SomeElements.Number(probe).Value, length - (length % shape.BitQuantum)))
                    .Append(Prefix.Root).Append(Prefix.Root.Child(0, shape.BitQuantum));
                foreach (Prefix prefix in prefixes)
                {
                    Assert.Equal(NaiveTree.DescribeNode(expected, prefix, shape), NaiveTree.DescribeNode(tree.Read(prefix)));
                    Assert.Equal(expected.Where(prefix.Contains), tree.ReadElements(prefix));
                }
            },
            iter: 200);

    [Fact]
    public void Sample_points_are_left_out_here_too()
    {
        var point = new Element(0);
        var tree = new AliasedTree(new PartitionTree(new MemoryNodeStore(), TreeShape.Default), [point], [point]);
        Assert.Equal(0, tree.Read(Prefix.Root).Count);
        Assert.Empty(tree.ReadElements(Prefix.Root));
    }

    [Fact]
    public void The_tree_itself_stays_as_it_was()
    {
        var inner = new PartitionTree(MemoryNodeStore.Build(SomeElements.First(100), TreeShape.Default), TreeShape.Default);
        string before = NaiveTree.DescribeNode(inner.Read(Prefix.Root));
        var tree = new AliasedTree(inner, [SomeElements.Number(1000)], [SomeElements.Number(1)]);
        Assert.NotEqual(before, NaiveTree.DescribeNode(tree.Read(Prefix.Root)));
        Assert.Equal(before, NaiveTree.DescribeNode(inner.Read(Prefix.Root)));
    }
}
