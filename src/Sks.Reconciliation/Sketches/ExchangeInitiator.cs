using System.Runtime.Intrinsics;

namespace Sks.Reconciliation.Sketches;

/// <summary>The side that begins, decodes and learns the differences.</summary>
public sealed partial class ExchangeInitiator : SketchExchange
{
    private readonly uint _lastDifference;
    private Stage _stage = Stage.Begun;
    private SketchDecoder? _decoder;
    private int _cells;
    private int _have;
    private int _credit;
    private double _estimate;
    private bool _hasAskedForMore;
    private UInt128? _remote;

    /// <summary>Begins.</summary>
    /// <param name="image">This side's sketch.</param>
    /// <param name="set">The set behind it. It may have changed since: then something is named that is no difference any more.</param>
    /// <param name="lastDifference">How many differences the last exchange found; 0 for unknown.</param>
    /// <param name="limits">What the other side may cost.</param>
    public ExchangeInitiator(SketchImage image, IDigestSet set, uint lastDifference, ExchangeLimits limits)
        : base(image, set, limits)
    {
        _lastDifference = lastDifference;
        Send(new ExchangeBegin((ulong)image.Count, image.Fingerprint, int.Log2(image.Cells.Length), lastDifference));
    }

    private enum Stage
    {
        Begun,
        Cells,
        AwaitsBuckets,
        Buckets,
    }

    private protected override void ReceiveMessage(SketchMessage message)
    {
        switch (message)
        {
            case ExchangeVerdict verdict:
                ReceiveVerdict(verdict);
                break;
            case SketchProbes probes when _stage == Stage.Begun:
                ReceiveProbes(probes);
                break;
            case SketchCells { Bucket: 0 } cells when _stage is Stage.Cells or Stage.AwaitsBuckets:
                ReceiveCells(cells);
                break;
            case BucketFingerprints fingerprints when _stage is Stage.Begun or Stage.AwaitsBuckets:
                ReceiveFingerprints(fingerprints);
                break;
            case SketchCells { Bucket: > 0 } cells when _stage == Stage.Buckets:
                ReceiveBucketCells(cells);
                break;
            case BucketPrefixes prefixes when _stage == Stage.Buckets:
                ReceivePrefixes(prefixes);
                break;
            default:
                Violate($"{message.GetType().Name} out of turn");
                break;
        }
    }

    private void ReceiveVerdict(ExchangeVerdict verdict)
    {
        if (verdict.Kind == VerdictKind.Failed)
            End(ExchangeEnd.Failed, "the other side gives up");
        else if (verdict.Kind == VerdictKind.Equal && _stage == Stage.Begun && verdict.Fingerprint == Image.Fingerprint)
            End(ExchangeEnd.Equal);
        else
            Violate("a verdict that is not the responder's to give");
    }

    private void ReceiveProbes(SketchProbes probes)
    {
        if (!ExchangeRules.IsLog2Cells(probes.Log2Cells))
        {
            Violate("a sketch of an impossible size");
            return;
        }

        _cells = Math.Min(Image.Cells.Length, 1 << probes.Log2Cells);
        if (probes.Folded.Length != DifferenceEstimator.ProbesLength(_cells))
        {
            Violate("a wrong number of probes");
            return;
        }

        _remote = probes.Fingerprint;
        _decoder = new SketchDecoder(Image.Key, _cells);
        _credit = ExchangeRules.FirstCells(_lastDifference, _cells);
        _estimate = Math.Max(
            DifferenceEstimator.Estimate(DifferenceEstimator.Read(Image.Cells, _cells), probes.Folded.Span),
            ExchangeRules.LeastDifference(probes.Size, (ulong)Image.Count));
        _stage = Stage.Cells;
        if (ExchangeRules.IsTooMany(_estimate, _cells))
            AskForBuckets();
    }

    private void ReceiveCells(SketchCells cells)
    {
        if (!ExchangeRules.IsNext(cells, _have, _credit))
        {
            Violate("cells that were not to come");
            return;
        }

        int count = cells.Data.Length / Symbol.Length;
        ReadOnlySpan<Vector128<byte>> ours = Image.Cells.Slice(_have, count);
        _have += count;
        if (_stage == Stage.AwaitsBuckets)
            return; // they were on their way

        _decoder!.Append(cells.Data.Span, ours);
        if (_decoder.State == DecoderState.Complete && IsRemote(_decoder.Recovered))
        {
            Find(_decoder.Recovered, Image.Key);
            EndDecoded();
        }
        else if (_decoder.State != DecoderState.Incomplete)
        {
            AskForBuckets();
        }
        else if (_have == _credit)
        {
            AskForMore();
        }
    }

    /// <summary>Whether the own set with these differences has the fingerprint of the other.</summary>
    private bool IsRemote(IReadOnlyList<Symbol> differences)
    {
        Vector128<byte> sum = Vector128<byte>.Zero;
        foreach (Symbol symbol in differences)
            sum ^= symbol.ToFingerprint(Image.Key);
        return (Image.Fingerprint ^ SketchImage.ToNumber(sum)) == _remote;
    }

    private void AskForMore()
    {
        if (_have == _cells)
        {
            AskForBuckets();
            return;
        }

        _credit = Math.Min(_cells, _hasAskedForMore ? Limits.NextCredit(_have) : Limits.SecondCredit(_have, _estimate));
        _hasAskedForMore = true;
        Send(new CellCredit(0, (uint)_credit));
    }

    private void AskForBuckets()
    {
        _stage = Stage.AwaitsBuckets;
        _decoder = null;
        Send(new ExchangeVerdict(VerdictKind.NeedBuckets, 0, 0, Image.Fingerprint, (ulong)Image.Count));
    }
}
