using System.Globalization;
using System.Text.Json;
using Sks.TestSupport;

namespace Sks.Reconciliation.Tests;

public sealed class TreeBuilderTests
{
    public static TheoryData<int> SampledSets => [.. Enumerable.Range(0, 6)];

    [Theory]
    [MemberData(nameof(SampledSets))]
    public void Samples_are_those_of_the_model(int index)
    {
        using var vectors = JsonDocument.Parse(TestData.Read("reconciliation", "field.json"));
        JsonElement set = vectors.RootElement.GetProperty("svalues")[index];
        Element[] elements = [.. Strings(set, "hashes").Select(static hash => new Element(UInt128.Parse(hash, NumberStyles.HexNumber, null)))];
        string[] wire = [.. Strings(set, "samples_wire")];

        TreeNode root = new PartitionTree(MemoryNodeStore.Build(elements, TreeShape.Default), TreeShape.Default).Read(Prefix.Root);

        Assert.Equal(set.GetProperty("count").GetInt64(), root.Count);
        Assert.Equal(wire, root.Samples.Select(static sample =>
        {
            var bytes = new byte[FieldElement.Length];
            sample.Write(bytes);
            return Convert.ToHexStringLower(bytes);
        }));
    }

    [Fact]
    public void Children_come_before_their_parent_and_a_level_in_order()
    {
        List<TreeNode> nodes = [];
        long count = TreeBuilder.Build(SomeElements.First(5000).Distinct().Order(), TreeShape.Default, nodes.Add);

        Assert.Equal(Prefix.Root, nodes[^1].Prefix);
        Assert.Equal(nodes[^1].Count, count);
        foreach (IGrouping<int, TreeNode> level in nodes.GroupBy(static node => node.Prefix.Length))
            Assert.Equal(level.OrderBy(static node => node.Prefix.Bits), level);
        HashSet<Prefix> seen = [];
        foreach (TreeNode node in nodes)
        {
            Assert.DoesNotContain(new Prefix(node.Prefix.Bits, Math.Max(0, node.Prefix.Length - 2)), seen);
            seen.Add(node.Prefix);
        }
    }

    [Fact]
    public void Elements_are_read_once_and_no_further_ahead_than_a_leaf_needs()
    {
        int read = 0;
        long built = 0;
        TreeBuilder.Build(Count(), TreeShape.Default, node =>
        {
            built += node.Elements?.Count ?? 0;
            Assert.InRange(read - built, 0, 51);
        });
        Assert.Equal(5000, read);

        IEnumerable<Element> Count()
        {
            for (uint i = 0; i < 5000; i++, read++)
                yield return new Element((UInt128)(i + 1) << 100);
        }
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(6, 5)]
    public void Elements_out_of_order_are_refused(uint first, uint second) => Assert.Throws<ArgumentException>(
        () => TreeBuilder.Build([new Element(first), new Element(second)], TreeShape.Default, static _ => { }));

    private static IEnumerable<string> Strings(JsonElement set, string member) =>
        set.GetProperty(member).EnumerateArray().Select(static value => value.GetString()!);
}
