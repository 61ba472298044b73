using BenchmarkDotNet.Attributes;
using Sks.Reconciliation;

namespace Sks.Benchmarks;

/// <summary>Arithmetic of the reconciliation field, each operation on the result of the one before.</summary>
[MemoryDiagnoser]
public class FieldBenchmarks
{
    private const int Operations = 1000;
    private const int InvertedAtOnce = 100;

    private readonly FieldElement[] _many = [.. Enumerable.Range(1, InvertedAtOnce).Select(static i => FieldElement.From(i).Invert())];
    private readonly FieldElement _number = FieldElement.From(12345).Invert();

    [Benchmark(OperationsPerInvoke = Operations)]
    public FieldElement Multiply()
    {
        FieldElement product = _number;
        for (int i = 0; i < Operations; i++)
            product *= _number;
        return product;
    }

    [Benchmark(OperationsPerInvoke = Operations)]
    public FieldElement Subtract()
    {
        FieldElement difference = _number;
        for (int i = 0; i < Operations; i++)
            difference = _number - difference;
        return difference;
    }

    [Benchmark]
    public FieldElement Invert() => _number.Invert();

    [Benchmark(OperationsPerInvoke = InvertedAtOnce)]
    public void InvertMany() => FieldElement.InvertAll(_many);
}
