using CsCheck;

namespace Sks.Reconciliation.Tests;

public sealed class TreeEditorTests
{
    // An element by its number, and whether it comes or goes. Few numbers, so that much comes and goes more than once, and sets grow and shrink.
    private static Gen<List<(int Number, bool Comes)>> Works { get; } =
        Gen.Select(Gen.Int[1, 300], Gen.Int[1, 9]).SelectMany(static (numbers, weight) =>
            Gen.Select(Gen.Int[0, numbers], Gen.Int[0, 9].Select(i => i < weight)).List[0, 700]);

    [Fact]
    public void Every_node_is_what_its_elements_call_for_whatever_the_group_size() => Gen.Select(SomeElements.Shapes, Works).Sample(
        static (shape, works) =>
        {
            foreach (int groupSize in (int[])[1, 8, 512])
            {
                var store = new MemoryNodeStore();
                HashSet<Element> model = [];
                int group = 0;
                foreach ((int Number, bool Comes)[] some in works.Chunk(groupSize))
                {
                    Edit(store, shape, some, model);
                    if (group++ % (64 / Math.Min(groupSize, 64)) == 0)
                        Assert.Equal(NaiveTree.Describe(model, shape), NaiveTree.Describe(store.Nodes));
                }

                Assert.Equal(NaiveTree.Describe(model, shape), NaiveTree.Describe(store.Nodes));
                Assert.Equal(NaiveTree.Describe(store.Nodes), NaiveTree.Describe(MemoryNodeStore.Build(model, shape).Nodes));
            }
        },
        iter: 60);

    [Fact]
    public void Edits_are_exact() => Gen.Select(SomeElements.Shapes, Works, Works).Sample(
        static (shape, before, works) =>
        {
            // Nothing is put that was there before, and nothing removed that was not.
            HashSet<Element> model = [];
            var store = new MemoryNodeStore();
            Edit(store, shape, before, model);
            Dictionary<Prefix, string> old = store.Nodes.ToDictionary(static node => node.Prefix, NaiveTree.DescribeNode);
            foreach ((Prefix prefix, TreeNode? node) in Edit(store, shape, works, model))
                Assert.NotEqual(node is null ? null : NaiveTree.DescribeNode(node), old.GetValueOrDefault(prefix));
        },
        iter: 100);

    [Fact]
    public void What_is_there_or_missing_already_changes_nothing()
    {
        MemoryNodeStore store = MemoryNodeStore.Build(SomeElements.First(100), TreeShape.Default);
        var editor = new TreeEditor(store, TreeShape.Default);
        editor.Add(SomeElements.Number(7));
        editor.Remove(SomeElements.Number(1001));
        editor.Add(SomeElements.Number(1002));
        editor.Remove(SomeElements.Number(1002));
        editor.Remove(SomeElements.Number(8));
        editor.Add(SomeElements.Number(8));
        Assert.Empty(editor.Apply());
    }

    [Fact]
    public void Nothing_is_stored_for_an_empty_tree()
    {
        MemoryNodeStore store = MemoryNodeStore.Build(SomeElements.First(100), TreeShape.Default);
        var editor = new TreeEditor(store, TreeShape.Default);
        foreach (Element element in SomeElements.First(100))
            editor.Remove(element);
        store.Apply(editor.Apply());
        Assert.Empty(store.Nodes);
        Assert.Empty(editor.Apply());
    }

    [Fact]
    public void Elements_that_are_sample_points_are_left_out()
    {
        Element[] points = [.. Enumerable.Range(0, 4).Select(static i => Element.Read([(byte)i, .. new byte[15]]))];
        Assert.Equal([false, false, false, true], points.Select(TreeShape.Default.CanHold));
        Assert.Equal([false, true, true, true], points.Select(new TreeShape(Mbar: 1).CanHold));
        Assert.Equal([false, false, true, true], points.Select(new TreeShape(Mbar: 2).CanHold));

        var store = new MemoryNodeStore();
        var editor = new TreeEditor(store, TreeShape.Default);
        foreach (Element point in points)
            editor.Add(point);
        store.Apply(editor.Apply());
        Assert.Equal([points[3]], store.Nodes.Single().Elements!);
        Assert.Equal(NaiveTree.Describe(store.Nodes), NaiveTree.Describe(MemoryNodeStore.Build(points, TreeShape.Default).Nodes));
        Assert.DoesNotContain(FieldElement.Zero, store.Nodes.Single().Samples);

        editor.Remove(points[0]);
        editor.Remove(points[3]);
        store.Apply(editor.Apply());
        Assert.Empty(store.Nodes);
    }

    private static IReadOnlyCollection<NodeEdit> Edit(
        MemoryNodeStore store, TreeShape shape, IEnumerable<(int Number, bool Comes)> works, HashSet<Element> model)
    {
        var editor = new TreeEditor(store, shape);
        foreach ((int number, bool comes) in works)
        {
            Element element = SomeElements.Number(number);
            if (comes)
            {
                editor.Add(element);
                model.Add(element);
            }
            else
            {
                editor.Remove(element);
                model.Remove(element);
            }
        }

        IReadOnlyCollection<NodeEdit> edits = editor.Apply();
        store.Apply(edits);
        return edits;
    }
}
