using BenchmarkDotNet.Attributes;
using Sks.Reconciliation;

namespace Sks.Benchmarks;

/// <summary>Puts elements into a partition tree of a million in memory, so many at once, and takes them out again.</summary>
[MemoryDiagnoser]
public class TreeInsertBenchmarks
{
    private const int Elements = 1_000_000;

    private MemoryNodeStore? _store;
    private Element[] _new = [];

    [Params(1, 100)]
    public int Group { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Element[] elements = [.. DigestElements.Create(Elements + Group)];
        _store = MemoryNodeStore.Build(elements.Take(Elements), TreeShape.Default);
        _new = elements[Elements..];
    }

    [Benchmark]
    public int InsertAndDelete() => Edit(static (editor, element) => editor.Add(element)) + Edit(static (editor, element) => editor.Remove(element));

    private int Edit(Action<TreeEditor, Element> edit)
    {
        var editor = new TreeEditor(_store!, TreeShape.Default);
        foreach (Element element in _new)
            edit(editor, element);
        IReadOnlyCollection<NodeEdit> edits = editor.Apply();
        _store!.Apply(edits);
        return edits.Count;
    }
}
