using System.Diagnostics;
using System.Security.Cryptography;
using Sks.Reconciliation.Sketches;

namespace Sks.LoadHarness.Sketches;

/// <summary>Lets two sets in memory that differ by half of the differences on each side compare themselves, without a network.</summary>
internal sealed class SketchRun
{
    // One cell at a time, or a five-hundredth where there are many: how many it takes, and not how many are asked for.
    private static readonly ExchangeLimits Sparing = new() { FactorForFew = 0, FactorForSome = 0, FactorForMany = 0, FirstTopUp = 1.002, TopUp = 1.002 };

    private readonly byte[] _common;
    private readonly CodedSketch _here;
    private readonly CodedSketch _there;

    public SketchRun(int size)
    {
        _common = DigestSet.CreateSorted(size, 1);
        SketchKey key = SketchKey.Of(SHA256.HashData([1]));
        long start = Stopwatch.GetTimestamp();
        _here = new CodedSketch(key);
        _here.Add(_common);
        BuildTime = Stopwatch.GetElapsedTime(start);
        _there = new CodedSketch(key);
        _there.Add(_common);
    }

    /// <summary>How long it took to make the sketch of one side.</summary>
    public TimeSpan BuildTime { get; }

    /// <summary>Mean time to add one element to a sketch and to remove it again, of each.</summary>
    public TimeSpan MeasureUpdate(int count)
    {
        byte[] digests = DigestSet.Create(count, 2);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < digests.Length; i += DigestSet.Length)
            _here.Add(digests.AsSpan(i, DigestSet.Length));
        for (int i = 0; i < digests.Length; i += DigestSet.Length)
            _here.Remove(digests.AsSpan(i, DigestSet.Length));
        return Stopwatch.GetElapsedTime(start) / (2 * count);
    }

    /// <summary>Mean time that a change takes where each of some links has a sketch, and takes changes in groups.</summary>
    public static TimeSpan MeasureLinks(int links, int group, int groups)
    {
        CodedSketch[] sketches = [.. Enumerable.Range(0, links).Select(static link => new CodedSketch(SketchKey.Of(SHA256.HashData([2, (byte)link]))))];
        byte[] digests = DigestSet.Create(group * groups, 3);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < digests.Length; i += group * DigestSet.Length)
        {
            foreach (CodedSketch sketch in sketches)
                sketch.Add(digests.AsSpan(i, group * DigestSet.Length));
        }

        return Stopwatch.GetElapsedTime(start) / (group * groups);
    }

    /// <summary>One exchange as it is done, and one that counts the cells it takes.</summary>
    public SketchFigures Run(int differences, int seed)
    {
        byte[] here = DigestSet.CreateSorted(differences / 2, (2 * seed) + 1000);
        byte[] there = DigestSet.CreateSorted(differences - (differences / 2), (2 * seed) + 1001);
        _here.Add(here);
        _there.Add(there);
        try
        {
            SketchFigures usual = Exchange(here, there, 0, ExchangeLimits.Default);
            SketchFigures sparing = Exchange(here, there, 1, Sparing);
            return usual with { NeededCells = sparing.SentCells };
        }
        finally
        {
            _here.Remove(here);
            _there.Remove(there);
        }
    }

    private SketchFigures Exchange(byte[] here, byte[] there, uint last, ExchangeLimits limits)
    {
        long begun = Stopwatch.GetTimestamp();
        SketchImage mine = _here.Freeze();
        SketchImage theirs = _there.Freeze();
        var set = new DigestSet(_common, here);
        var initiator = new ExchangeInitiator(mine, set, last, limits);
        ExchangeResponder? responder = null;
        var figures = new SketchFigures();
        bool moved = true;
        while (moved)
        {
            moved = false;
            while (initiator.TryTake(out SketchMessage? message))
            {
                moved = true;
                if (message is ExchangeBegin begin)
                    responder = new ExchangeResponder(theirs, new DigestSet(_common, there), begin, limits);
                else
                    responder!.Receive(message);
                if (message is ExchangeBegin or CellCredit { CellsUpto: > 0 } or BucketRequest)
                    figures = figures with { Rounds = figures.Rounds + 1 };
                figures = figures with { MessageBytes = figures.MessageBytes + WireSize.Of(message) };
            }

            while (responder!.TryTake(out SketchMessage? message))
            {
                moved = true;
                figures = figures with { MessageBytes = figures.MessageBytes + WireSize.Of(message) };
                figures = message switch
                {
                    SketchCells cells => figures with { SentCells = figures.SentCells + (cells.Data.Length / 16) },
                    SketchProbes probes => figures with { ProbeBytes = figures.ProbeBytes + probes.Folded.Length },
                    _ => figures,
                };
                long start = Stopwatch.GetTimestamp();
                initiator.Receive(message);
                figures = figures with { DecodeTime = figures.DecodeTime + Stopwatch.GetElapsedTime(start) };
            }
        }

        TimeSpan whole = Stopwatch.GetElapsedTime(begun);
        ExchangeResult result = initiator.Result ?? throw new InvalidOperationException("The exchange stands still.");
        if (result.End is not (ExchangeEnd.Decoded or ExchangeEnd.Equal) || result.MissingHere + result.OnlyHere != (here.Length + there.Length) / DigestSet.Length)
            throw new InvalidOperationException($"The exchange found something else than there was: {result}");
        long wants = WireSize.OfWants(result.MissingHere);
        long announces = WireSize.OfAnnounces(result.OnlyHere);
        return figures with
        {
            UsedBuckets = result.UsedBuckets,
            DecodeTime = figures.DecodeTime - set.FindTime,
            LookupTime = set.FindTime,
            WholeTime = whole,
            MessageBytes = figures.MessageBytes + wants + announces,
            AnnounceBytes = announces,
        };
    }
}

/// <summary>What one exchange took.</summary>
internal sealed record SketchFigures
{
    /// <summary>Cells that had to be there to decode.</summary>
    public long NeededCells { get; init; }

    /// <summary>Cells that were sent.</summary>
    public long SentCells { get; init; }

    /// <summary>Bytes of probes.</summary>
    public long ProbeBytes { get; init; }

    /// <summary>Bytes of all messages with their envelopes, up to the point at which each side has asked for what it lacks.</summary>
    public long MessageBytes { get; init; }

    /// <summary>Those of them by which the responder learns what it lacks, and asks for it.</summary>
    public long AnnounceBytes { get; init; }

    /// <summary>Times that the initiator had to wait for an answer.</summary>
    public int Rounds { get; init; }

    /// <summary>Spent by the initiator taking messages in, without looking up: decoding, all attempts.</summary>
    public TimeSpan DecodeTime { get; init; }

    /// <summary>Spent by the initiator looking up which side has what was decoded.</summary>
    public TimeSpan LookupTime { get; init; }

    /// <summary>Spent by both sides, one after the other on one thread, from two sketches that are kept up to the differences.</summary>
    public TimeSpan WholeTime { get; init; }

    /// <summary>Whether the sketch of the whole set was not enough.</summary>
    public bool UsedBuckets { get; init; }
}
