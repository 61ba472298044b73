using BenchmarkDotNet.Attributes;
using Sks.OpenPgp;

namespace Sks.Benchmarks;

/// <summary>Cuts the user IDs of 200 certificates into words.</summary>
[MemoryDiagnoser]
public class WordsBenchmarks
{
    private readonly byte[] _scratch = new byte[64 << 10];
    private byte[][] _userIds = [];

    [GlobalSetup]
    public void Setup() => _userIds =
    [
        .. Corpus.Parse("small").SelectMany(static certificate => certificate.UserIds).Select(static userId => userId.Packet.Body.ToArray()),
    ];

    [Benchmark]
    public int Words()
    {
        int count = 0;
        foreach (byte[] userId in _userIds)
        {
            userId.CopyTo(_scratch, 0);
            Span<byte> rest = _scratch.AsSpan(0, userId.Length);
            while (SksWords.TryTake(ref rest, out _))
                count++;
        }

        return count;
    }
}
