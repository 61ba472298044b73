using System.Buffers.Binary;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Sks.Peer.V1;
using Sks.Reconciliation.Sketches;
using BucketRequest = Sks.Reconciliation.Sketches.BucketRequest;
using VerdictKind = Sks.Reconciliation.Sketches.VerdictKind;
using WireBucketRequest = Sks.Peer.V1.BucketRequest;
using WireVerdictKind = Sks.Peer.V1.VerdictKind;

namespace Sks.Grpc.Peers;

/// <summary>The messages of an exchange on the wire.</summary>
internal static class ExchangeMapping
{
    private const int FingerprintLength = 16;
    private const int MaxBuckets = 4096;

    /// <summary>A message as it is sent. <see cref="ExchangeBegin"/> needs what only the session knows.</summary>
    public static SyncMessage ToWire(SketchMessage message, uint exchange, uint keyEpoch) => message switch
    {
        ExchangeBegin begin => new SyncMessage
        {
            Begin = new Begin
            {
                Exchange = exchange,
                Size = begin.Size,
                Fingerprint = Write(begin.Fingerprint),
                Log2Cells = (uint)begin.Log2Cells,
                LastDifference = begin.LastDifference,
                KeyEpoch = keyEpoch,
            },
        },
        SketchCells cells => new SyncMessage { Cells = new Cells { Bucket = cells.Bucket, First = cells.First, Data = UnsafeByteOperations.UnsafeWrap(cells.Data) } },
        SketchProbes probes => new SyncMessage
        {
            Probes = new Probes
            {
                Folded = UnsafeByteOperations.UnsafeWrap(probes.Folded),
                Fingerprint = Write(probes.Fingerprint),
                Size = probes.Size,
                Log2Cells = (uint)probes.Log2Cells,
            },
        },
        CellCredit credit => new SyncMessage { Credit = new Credit { Bucket = credit.Bucket, CellsUpto = credit.CellsUpto } },
        ExchangeVerdict verdict => new SyncMessage
        {
            Verdict = new Verdict
            {
                Kind = (WireVerdictKind)verdict.Kind,
                MissingHere = verdict.MissingHere,
                MissingThere = verdict.MissingThere,
                Fingerprint = Write(verdict.Fingerprint),
                Size = verdict.Size,
            },
        },
        BucketFingerprints buckets => new SyncMessage
        {
            Buckets = new Buckets { Fingerprints = UnsafeByteOperations.UnsafeWrap(buckets.Fingerprints), Sizes = { buckets.Sizes } },
        },
        BucketRequest request => new SyncMessage { BucketRequest = new WireBucketRequest { Buckets = { request.Buckets }, List = request.AsLists } },
        BucketPrefixes list => new SyncMessage
        {
            BucketList = new BucketList { Bucket = list.Bucket, Prefixes = UnsafeByteOperations.UnsafeWrap(list.Prefixes), Continues = list.Continues },
        },
        _ => throw new ArgumentOutOfRangeException(nameof(message)),
    };

    /// <summary>A message as it arrived; null when it does not belong to an exchange.</summary>
    /// <exception cref="PeerProtocolException">It is malformed.</exception>
    public static SketchMessage? FromWire(SyncMessage message) => message.KindCase switch
    {
        SyncMessage.KindOneofCase.Begin => new ExchangeBegin(
            message.Begin.Size, ReadFingerprint(message.Begin.Fingerprint), ReadLog2Cells(message.Begin.Log2Cells), message.Begin.LastDifference),
        SyncMessage.KindOneofCase.Cells => new SketchCells(message.Cells.Bucket, message.Cells.First, message.Cells.Data.Memory),
        SyncMessage.KindOneofCase.Probes => new SketchProbes(
            message.Probes.Folded.Memory,
            message.Probes.Size,
            ReadFingerprint(message.Probes.Fingerprint),
            ReadLog2Cells(message.Probes.Log2Cells)),
        SyncMessage.KindOneofCase.Credit => new CellCredit(message.Credit.Bucket, message.Credit.CellsUpto),
        SyncMessage.KindOneofCase.Verdict => new ExchangeVerdict(
            (VerdictKind)message.Verdict.Kind,
            message.Verdict.MissingHere,
            message.Verdict.MissingThere,
            ReadFingerprint(message.Verdict.Fingerprint),
            message.Verdict.Size),
        SyncMessage.KindOneofCase.Buckets => new BucketFingerprints(message.Buckets.Fingerprints.Memory, Bounded(message.Buckets.Sizes)),
        SyncMessage.KindOneofCase.BucketRequest => new BucketRequest(Bounded(message.BucketRequest.Buckets), message.BucketRequest.List),
        SyncMessage.KindOneofCase.BucketList => new BucketPrefixes(
            message.BucketList.Bucket, message.BucketList.Prefixes.Memory, message.BucketList.Continues),
        _ => null,
    };

    private static ByteString Write(UInt128 fingerprint)
    {
        byte[] bytes = new byte[FingerprintLength];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, fingerprint);
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    private static UInt128 ReadFingerprint(ByteString bytes) => bytes.Length == FingerprintLength
        ? BinaryPrimitives.ReadUInt128BigEndian(bytes.Span)
        : throw new PeerProtocolException("malformed fingerprint");

    private static int ReadLog2Cells(uint value) => value < 32 ? (int)value : throw new PeerProtocolException("malformed number of cells");

    private static RepeatedField<uint> Bounded(RepeatedField<uint> values) =>
        values.Count <= MaxBuckets ? values : throw new PeerProtocolException("too many buckets");
}
