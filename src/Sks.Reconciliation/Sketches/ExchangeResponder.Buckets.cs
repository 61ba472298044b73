using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Sks.Reconciliation.Sketches;

/// <summary>Buckets as the other side asks for them, one after the other.</summary>
public sealed partial class ExchangeResponder
{
    private readonly HashSet<uint> _wereOpened = [];
    private readonly HashSet<uint> _wereListed = [];
    private readonly Dictionary<int, BucketCellsThere> _open = [];
    private readonly Queue<(int Bucket, bool AsList)> _work = [];
    private int _openCells;
    private ulong[]? _list;
    private int _listed;
    private int _listedBucket;

    private void ReceiveRequest(BucketRequest request)
    {
        HashSet<uint> requested = request.AsLists ? _wereListed : _wereOpened;
        foreach (uint number in request.Buckets)
        {
            if (number >= CodedSketch.Buckets || !requested.Add(number))
            {
                Violate("a request for a bucket that is none, or again");
                return;
            }

            int bucket = (int)number;
            if (request.AsLists)
            {
                Close(bucket);
                _work.Enqueue((bucket, true));
            }
            else if (!TryOpen(bucket))
            {
                Violate("a request for too many buckets at once");
                return;
            }
        }
    }

    private bool TryOpen(int bucket)
    {
        int most = ExchangeRules.BucketCells(Image.BucketSizes[bucket]);
        if (_openCells + most > ExchangeRules.MaxOpenCells)
            return false;
        _openCells += most;
        _open.Add(bucket, new BucketCellsThere(most));
        return true;
    }

    private void Close(int bucket)
    {
        if (_open.Remove(bucket, out BucketCellsThere? there))
            _openCells -= there.Most;
    }

    private void ReceiveBucketCredit(CellCredit credit)
    {
        int bucket = (int)Math.Min(credit.Bucket, int.MaxValue) - 1;
        if (!_open.TryGetValue(bucket, out BucketCellsThere? there))
        {
            Violate("credit for a bucket that was not requested");
        }
        else if (credit.CellsUpto == 0)
        {
            Close(bucket);
        }
        else if (credit.CellsUpto <= there.Credit || credit.CellsUpto > there.Most)
        {
            Violate("credit for a bucket that is none");
        }
        else
        {
            if (there.Credit == there.Sent)
                _work.Enqueue((bucket, false));
            there.Credit = (int)credit.CellsUpto;
        }
    }

    private SketchMessage? DrawBucket()
    {
        if (_list is not null)
            return DrawList();
        while (_work.TryDequeue(out (int Bucket, bool AsList) next))
        {
            if (next.AsList)
            {
                _list = BucketCells.ReadPrefixes(Set.ReadBucket(next.Bucket));
                _listed = 0;
                _listedBucket = next.Bucket;
                return DrawList();
            }

            if (_open.TryGetValue(next.Bucket, out BucketCellsThere? there)) // else it was closed meanwhile
                return DrawCells(next.Bucket, there);
        }

        return null;
    }

    private SketchCells DrawCells(int bucket, BucketCellsThere there)
    {
        if (there.Cells is null)
        {
            SketchKey key = Image.Key.ForBucket(_remote, Image.Fingerprint, bucket);
            there.Cells = BucketCells.Build(key, Set.ReadBucket(bucket), there.Most);
        }

        int first = there.Sent;
        there.Sent = there.Credit; // a bucket has no more cells than fit into one message
        return ToMessage((uint)bucket + 1, first, there.Cells.AsSpan(first, there.Credit - first));
    }

    private BucketPrefixes DrawList()
    {
        int count = Math.Min(ExchangeRules.MaxPrefixesPerMessage, _list!.Length - _listed);
        var prefixes = new byte[count * ExchangeRules.PrefixLength];
        for (int i = 0; i < count; i++)
            BinaryPrimitives.WriteUInt64BigEndian(prefixes.AsSpan(i * ExchangeRules.PrefixLength), _list[_listed + i]);
        _listed += count;
        bool continues = _listed < _list.Length;
        if (!continues)
            _list = null;
        return new BucketPrefixes((uint)_listedBucket, prefixes, continues);
    }

    /// <summary>A bucket that was requested as cells.</summary>
    private sealed class BucketCellsThere(int most)
    {
        public int Most => most;

        public int Sent { get; set; }

        public int Credit { get; set; }

        public Vector128<byte>[]? Cells { get; set; }
    }
}
