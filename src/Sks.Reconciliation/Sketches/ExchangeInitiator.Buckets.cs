using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Sks.Reconciliation.Sketches;

/// <summary>What follows when the sketch of the whole set is not enough: bucket by bucket, several at a time.</summary>
public sealed partial class ExchangeInitiator
{
    private const double BucketTopUp = 1.25;
    private const int MaxAwaitedPrefixes = 64 * 1024;
    private const int PrefixesPerRequest = 64; // what an empty list counts as, so that they are bounded as well

    private readonly Dictionary<int, BucketCellsHere> _asCells = [];
    private readonly Dictionary<int, BucketListHere> _asLists = [];
    private readonly Queue<int> _toList = [];
    private BucketPlan? _plan;
    private int _nextBucket;
    private int _openCells;
    private long _awaitedPrefixes;
    private int? _listed;

    private void ReceiveFingerprints(BucketFingerprints message)
    {
        if (message.Fingerprints.Length != CodedSketch.Buckets * Symbol.Length || message.Sizes.Count != CodedSketch.Buckets)
        {
            Violate("a wrong number of buckets");
            return;
        }

        UInt128 remote = 0;
        for (int bucket = 0; bucket < CodedSketch.Buckets; bucket++)
            remote ^= BinaryPrimitives.ReadUInt128BigEndian(message.Fingerprints.Span[(bucket * Symbol.Length)..]);
        if (_remote is { } known && known != remote)
        {
            Violate("buckets of another set");
            return;
        }

        UsesBuckets = true;
        if ((ulong)message.Sizes.Sum(static size => (long)size) > Limits.MaxElements)
        {
            Fail("the other side's set is too large");
            return;
        }

        _remote = remote;
        _stage = Stage.Buckets;
        _plan = new BucketPlan(Image, message.Fingerprints.Span, message.Sizes);
        AskForNextBuckets();
    }

    /// <summary>Asks for as many buckets as may be on their way at once; ends when there are none left.</summary>
    private void AskForNextBuckets()
    {
        List<uint> lists = [];
        List<(uint Bucket, int Cells)> cells = [];
        while (_toList.TryPeek(out int failed) && TryAwaitList(failed))
            lists.Add((uint)_toList.Dequeue());
        while (_toList.Count == 0 && _nextBucket < _plan!.Differing.Count)
        {
            int bucket = _plan.Differing[_nextBucket];
            int? first = _plan.FirstCells(bucket, Limits.ListAbove);
            if (first is { } count ? !TryAwaitCells(bucket, count) : !TryAwaitList(bucket))
                break;
            if (first is { } credit)
                cells.Add(((uint)bucket, credit));
            else
                lists.Add((uint)bucket);
            _nextBucket++;
        }

        if (lists.Count > 0)
            Send(new BucketRequest(lists, AsLists: true));
        if (cells.Count > 0)
            Send(new BucketRequest(cells.ConvertAll(static open => open.Bucket), AsLists: false));
        foreach ((uint bucket, int credit) in cells)
            Send(new CellCredit(bucket + 1, (uint)credit));
        if (_asCells.Count == 0 && _asLists.Count == 0 && _toList.Count == 0)
            EndDecoded();
    }

    private bool TryAwaitCells(int bucket, int credit)
    {
        int most = ExchangeRules.BucketCells(_plan!.SizeThere(bucket));
        if (_openCells + most > ExchangeRules.MaxOpenCells)
            return false;
        _openCells += most;
        _asCells.Add(bucket, new BucketCellsHere(most, credit));
        return true;
    }

    private bool TryAwaitList(int bucket)
    {
        long prefixes = (long)_plan!.SizeThere(bucket) + PrefixesPerRequest;
        if (_asLists.Count > 0 && _awaitedPrefixes + prefixes > MaxAwaitedPrefixes)
            return false;
        _awaitedPrefixes += prefixes;
        _asLists.Add(bucket, new BucketListHere(bucket, _plan.SizeThere(bucket)));
        return true;
    }

    private void ReceiveBucketCells(SketchCells cells)
    {
        int bucket = (int)Math.Min(cells.Bucket, int.MaxValue) - 1;
        if (!_asCells.TryGetValue(bucket, out BucketCellsHere? here) || !ExchangeRules.IsNext(cells, here.Have, here.Credit))
        {
            Violate("cells of a bucket that were not to come");
            return;
        }

        here.Append(cells.Data.Span, Image, Set, _remote!.Value, bucket);
        if (here.Have == here.Credit)
            GoOn(bucket, here);
    }

    private void GoOn(int bucket, BucketCellsHere here)
    {
        int next = Math.Max(here.Have + 1, (int)Math.Ceiling(BucketTopUp * here.Have));
        bool isComplete = here.Decoder.State == DecoderState.Complete && here.Decoder.Recovered.All(symbol => (int)(symbol.Prefix >> 52) == bucket);
        if (!isComplete && here.Decoder.State == DecoderState.Incomplete && next <= here.Most && !_plan!.IsListShorter(bucket, next))
        {
            here.Credit = next;
            Send(new CellCredit((uint)bucket + 1, (uint)next));
            return;
        }

        _asCells.Remove(bucket);
        _openCells -= here.Most;
        Send(new CellCredit((uint)bucket + 1, 0));
        if (isComplete)
            Find(here.Decoder.Recovered, here.Key);
        else
            _toList.Enqueue(bucket);
        AskForNextBuckets();
    }

    private void ReceivePrefixes(BucketPrefixes message)
    {
        int bucket = (int)Math.Min(message.Bucket, int.MaxValue);
        if (!_asLists.TryGetValue(bucket, out BucketListHere? here) || (_listed ?? bucket) != bucket)
        {
            Violate("a list that was not to come");
            return;
        }

        List<ulong> missingHere = [];
        List<ulong> onlyHere = [];
        if (!here.TryCompare(message, Set, missingHere, onlyHere))
        {
            Violate("a list that is not one of its bucket");
            return;
        }

        Find(missingHere, onlyHere);
        _listed = message.Continues ? bucket : null;
        if (message.Continues)
            return;
        _asLists.Remove(bucket);
        _awaitedPrefixes -= (long)_plan!.SizeThere(bucket) + PrefixesPerRequest;
        AskForNextBuckets();
    }

    /// <summary>A bucket that is being decoded.</summary>
    private sealed class BucketCellsHere(int most, int credit)
    {
        private Vector128<byte>[]? _ours;
        private SketchDecoder? _decoder;
        private SketchKey? _key;

        public int Most => most;

        public int Credit { get; set; } = credit;

        public int Have { get; private set; }

        public SketchKey Key => _key!;

        public SketchDecoder Decoder => _decoder!;

        public void Append(ReadOnlySpan<byte> cells, SketchImage image, IDigestSet set, UInt128 remote, int bucket)
        {
            if (_ours is null)
            {
                _key = image.Key.ForBucket(image.Fingerprint, remote, bucket);
                _ours = BucketCells.Build(_key, set.ReadBucket(bucket), most);
                _decoder = new SketchDecoder(_key, most);
            }

            int count = cells.Length / Symbol.Length;
            _decoder!.Append(cells, _ours.AsSpan(Have, count));
            Have += count;
        }
    }
}
