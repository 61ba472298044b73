using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sks.Reconciliation.Sketches;

/// <summary>The side that sends its cells.</summary>
/// <remarks>It keeps two numbers until the other side needs buckets, whatever the size of the set.</remarks>
public sealed partial class ExchangeResponder : SketchExchange
{
    private readonly UInt128 _remote;
    private readonly int _cells;
    private int _sent;
    private int _credit;

    /// <summary>Begins when the other side has.</summary>
    /// <param name="image">This side's sketch.</param>
    /// <param name="set">The set behind it.</param>
    /// <param name="begin">What the other side has said; taken in already.</param>
    /// <param name="limits">What the other side may cost.</param>
    public ExchangeResponder(SketchImage image, IDigestSet set, ExchangeBegin begin, ExchangeLimits limits)
        : base(image, set, limits)
    {
        _remote = begin.Fingerprint;
        if (!ExchangeRules.IsLog2Cells(begin.Log2Cells))
        {
            Violate("a sketch of an impossible size");
            return;
        }

        if (begin.Fingerprint == image.Fingerprint)
        {
            Send(new ExchangeVerdict(VerdictKind.Equal, 0, 0, image.Fingerprint, (ulong)image.Count));
            End(ExchangeEnd.Equal);
            return;
        }

        _cells = Math.Min(image.Cells.Length, 1 << begin.Log2Cells);
        if (ExchangeRules.IsTooMany(ExchangeRules.LeastDifference(begin.Size, (ulong)image.Count), _cells))
        {
            SendFingerprints();
            return;
        }

        Send(new SketchProbes(DifferenceEstimator.Read(image.Cells, _cells), (ulong)image.Count, image.Fingerprint, int.Log2(image.Cells.Length)));
        _credit = ExchangeRules.FirstCells(begin.LastDifference, _cells);
    }

    private protected override void ReceiveMessage(SketchMessage message)
    {
        switch (message)
        {
            case ExchangeVerdict { Kind: VerdictKind.Decoded or VerdictKind.Failed } verdict:
                EndAsTold(verdict);
                break;
            case ExchangeVerdict { Kind: VerdictKind.NeedBuckets } when !UsesBuckets:
                SendFingerprints();
                break;
            case CellCredit { Bucket: 0 } credit when !UsesBuckets:
                ReceiveCredit(credit);
                break;
            case CellCredit { Bucket: > 0 } credit when UsesBuckets:
                ReceiveBucketCredit(credit);
                break;
            case BucketRequest request when UsesBuckets:
                ReceiveRequest(request);
                break;
            default:
                Violate($"{message.GetType().Name} out of turn");
                break;
        }
    }

    private protected override SketchMessage? Draw() => UsesBuckets ? DrawBucket() : DrawCells();

    private void SendFingerprints()
    {
        UsesBuckets = true;
        Send(new BucketFingerprints(Image.ReadBucketFingerprints(), Image.BucketSizes));
    }

    private void ReceiveCredit(CellCredit credit)
    {
        if (credit.CellsUpto <= _credit || credit.CellsUpto > _cells)
            Violate("credit that is none");
        else
            _credit = (int)credit.CellsUpto;
    }

    private SketchCells? DrawCells()
    {
        int count = Math.Min(ExchangeRules.MaxCellsPerMessage, _credit - _sent);
        if (count == 0)
            return null;
        SketchCells message = ToMessage(0, _sent, Image.Cells.Slice(_sent, count));
        _sent += count;
        return message;
    }

    private static SketchCells ToMessage(uint bucket, int first, ReadOnlySpan<Vector128<byte>> cells) =>
        new(bucket, (uint)first, MemoryMarshal.AsBytes(cells).ToArray());
}
