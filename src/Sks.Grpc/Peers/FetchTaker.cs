using System.Buffers;
using System.Buffers.Binary;
using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Sks.Node;
using Sks.Node.Links;
using Sks.OpenPgp;
using Sks.Peer.V1;
using Sks.Storage;
using RefusalReason = Sks.Node.Links.RefusalReason;

namespace Sks.Grpc.Peers;

/// <summary>The taking side of a Fetch stream: decides what of the offers to take, puts the parts together and has them stored.</summary>
/// <remarks>Everything that is wanted is settled once, from any thread. What an outline does not lead to is taken as a whole the next time.</remarks>
internal sealed class FetchTaker
{
    private readonly CertificateIntake _intake;
    private readonly int _policyVersion;
    private readonly NodeId _peer;
    private readonly int _maxOutstanding;
    private readonly Action<FetchOutcome> _settled;
    private readonly Action _wake;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, Entry> _entries = [];
    private readonly HashSet<ulong> _incomplete = [];
    private readonly Queue<(Take Take, FetchOutcome? Outcome)> _takes = [];
    private readonly Channel<(ulong Prefix, Entry Entry)> _outlines = Channel.CreateUnbounded<(ulong Prefix, Entry Entry)>();
    private readonly ByteBudget _budget = new(FetchLimits.TakenBytes);
    private readonly FetchStores _stores;
    private long _hashBytes;

    // Reader only: what is being received in parts.
    private (ulong Prefix, ArrayBufferWriter<byte> Parts)? _receiving;

    /// <summary>Starts without anything wanted.</summary>
    public FetchTaker(
        CertificateIntake intake,
        int policyVersion,
        NodeId peer,
        int maxOutstanding,
        Action<FetchOutcome> settled,
        Action wake,
        ILogger logger,
        TimeProvider time)
    {
        _intake = intake;
        _policyVersion = policyVersion;
        _peer = peer;
        _maxOutstanding = maxOutstanding;
        _settled = settled;
        _wake = wake;
        _logger = logger;
        _time = time;
        _stores = new FetchStores(peer, Settle, logger);
    }

    private enum Stage
    {
        Wanted,
        Outlined,
        Taken,
        Storing,
    }

    /// <summary>Has what was received stored.</summary>
    public FetchStores Stores => _stores;

    /// <summary>Says that these are wanted.</summary>
    /// <exception cref="ArgumentException">One of them is already, or they are too many.</exception>
    public void Expect(IReadOnlyList<ulong> prefixes)
    {
        long now = _time.GetTimestamp();
        lock (_lock)
        {
            foreach (ulong prefix in prefixes)
            {
                if (_entries.Count == _maxOutstanding || !_entries.TryAdd(prefix, new Entry { WaitsSince = now }))
                    throw new ArgumentException("Too much is wanted, or the same twice.", nameof(prefixes));
            }
        }
    }

    /// <summary>Whether the peer has owed something for longer than a limit.</summary>
    public bool HasWaitedSince(TimeSpan limit)
    {
        long now = _time.GetTimestamp();
        lock (_lock)
            return _entries.Values.Any(entry => entry.Stage is Stage.Wanted or Stage.Taken && _time.GetElapsedTime(entry.WaitsSince, now) > limit);
    }

    /// <summary>Takes offers. Reader only; does not wait.</summary>
    /// <exception cref="PeerProtocolException">They are not what was wanted, or make no sense.</exception>
    public void Handle(Offers offers)
    {
        if (offers.Offers_.Count > FetchLimits.OffersPerMessage)
            throw new PeerProtocolException("a message has too many offers");
        foreach (Offer offer in offers.Offers_)
        {
            Entry entry = Find(offer.Prefix, Stage.Wanted, "something is offered that is not wanted");
            switch (offer.KindCase)
            {
                case Offer.KindOneofCase.Packets:
                    TakeInline(offer.Prefix, entry, offer.Packets);
                    break;
                case Offer.KindOneofCase.Outline:
                    TakeOutline(offer.Prefix, entry, offer.Outline);
                    break;
                default:
                    ContentDigest? digest = offer.Declined is { Digest.IsEmpty: false } declined ? ReadDigest(offer.Prefix, declined.Digest) : null;
                    Settle(new FetchOutcome(offer.Prefix, null, offer.Declined?.Reason.ToReason(), digest, false));
                    break;
            }
        }
    }

    /// <summary>Takes packets. Reader only; does not wait.</summary>
    /// <exception cref="PeerProtocolException">They are not what was taken.</exception>
    public void Handle(Payload payload)
    {
        if (_receiving is { } begun && begun.Prefix != payload.Prefix)
            throw new PeerProtocolException("parts of two certificates are mixed");
        Entry entry = Find(payload.Prefix, Stage.Taken, "something is sent that is not taken");
        if (payload.Packets.Length > FetchLimits.PartBytes || (payload.Continues && payload.Packets.IsEmpty))
            throw new PeerProtocolException("a part has an impossible length");
        if ((_receiving?.Parts.WrittenCount ?? 0) + payload.Packets.Length > entry.Outline!.Size)
            throw new PeerProtocolException("a certificate is larger than its outline says");

        ReadOnlyMemory<byte> packets = payload.Packets.Memory;
        if (payload.Continues || _receiving is not null)
        {
            _receiving ??= (payload.Prefix, new ArrayBufferWriter<byte>());
            _receiving.Value.Parts.Write(packets.Span);
            packets = _receiving.Value.Parts.WrittenMemory;
        }

        if (payload.Continues)
            return;
        _receiving = null;
        if (packets.IsEmpty && (entry.Missing is null || entry.Missing.AsSpan().ContainsAnyExcept((byte)0)))
        {
            Settle(new FetchOutcome(payload.Prefix, null, RefusalReason.NotHeld, entry.Outline.Digest, false));
            return;
        }

        lock (_lock)
            entry.Stage = Stage.Storing;
        (CertificateOutline outline, byte[]? missing) = (entry.Outline, entry.Missing);
        _stores.Add(payload.Prefix, token => _intake.TakeAsync(_peer, outline, missing, packets, _policyVersion, token));
    }

    /// <summary>Decides about outlines, one after the other, as far as there is room for what they promise.</summary>
    /// <exception cref="StorageException">The store is closing.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach ((ulong prefix, Entry entry) in _outlines.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            CertificateOutline outline = entry.Outline!;
            entry.Reserved = await _budget.TakeAsync((int)Math.Min(outline.Size, int.MaxValue), cancellationToken).ConfigureAwait(false);
            TakePlan plan = Plan(outline);
            Take take = new() { Prefix = prefix };
            FetchOutcome? outcome = null;
            lock (_lock)
            {
                bool isToBeWhole = _incomplete.Remove(prefix);
                if (plan.Declined is { } reason)
                {
                    take.Declined = reason.ToMessage();
                    IntakeResult result = reason == RefusalReason.Held ? IntakeResult.Held : IntakeResult.Refused;
                    outcome = new FetchOutcome(prefix, result, reason == RefusalReason.Held ? null : reason, outline.Digest, false);
                }
                else if (plan.Missing is null || isToBeWhole)
                {
                    take.All = true;
                }
                else
                {
                    take.Packets = ByteString.CopyFrom(plan.Missing);
                    entry.Missing = plan.Missing;
                }

                if (outcome is null)
                    (entry.Stage, entry.WaitsSince) = (Stage.Taken, _time.GetTimestamp());
                _takes.Enqueue((take, outcome));
            }

            if (outcome?.Result == IntakeResult.Refused)
                PeerPayloadLog.Refused(_logger, _peer, outline.Digest, outcome.Reason);
            _wake();
        }
    }

    /// <summary>What to say of the offers, and what is settled when it is said; null when there is nothing now. Writer only.</summary>
    public (FetchMessage Message, IReadOnlyList<FetchOutcome> Settled)? TryNext()
    {
        var message = new Takes();
        List<FetchOutcome> settled = [];
        int bytes = 0;
        lock (_lock)
        {
            while (bytes < FetchLimits.MessageBytes && _takes.TryDequeue(out (Take Take, FetchOutcome? Outcome) next))
            {
                message.Takes_.Add(next.Take);
                bytes += next.Take.CalculateSize();
                if (next.Outcome is not null)
                    settled.Add(next.Outcome);
            }
        }

        return message.Takes_.Count == 0 ? null : (new FetchMessage { Takes = message }, settled);
    }

    /// <summary>Ends something that was wanted.</summary>
    public void Settle(FetchOutcome outcome)
    {
        lock (_lock)
        {
            if (!_entries.Remove(outcome.Prefix, out Entry? entry))
                return;
            _hashBytes -= entry.Outline?.PacketHashes.Length ?? 0;
            _budget.Return(entry.Reserved);

            // Once each: without room to remember that, an outline that leads nowhere would be tried for ever.
            _incomplete.Remove(outcome.Prefix);
            if (outcome.Result == IntakeResult.Incomplete && _incomplete.Count >= _maxOutstanding)
                outcome = outcome with { Result = IntakeResult.Refused, Reason = RefusalReason.NotHeld };
            else if (outcome.Result == IntakeResult.Incomplete)
                _incomplete.Add(outcome.Prefix);
        }

        _settled(outcome);
    }

    private void TakeInline(ulong prefix, Entry entry, ByteString packets)
    {
        if (packets.Length > FetchLimits.InlineBytes)
            throw new PeerProtocolException("an offer is larger than it may be");
        lock (_lock)
            entry.Stage = Stage.Storing;
        _stores.Add(prefix, token => _intake.TakeAsync(_peer, prefix, packets.Memory, _policyVersion, token));
    }

    private void TakeOutline(ulong prefix, Entry entry, Outline outline)
    {
        ContentDigest digest = ReadDigest(prefix, outline.Digest);
        if (outline.Size is 0 or > long.MaxValue || outline.PacketHashes.Length > FetchLimits.HashBytes)
            throw new PeerProtocolException("an outline has an impossible size");
        lock (_lock)
        {
            ReadOnlyMemory<byte> hashes = _hashBytes + outline.PacketHashes.Length <= FetchLimits.KeptHashBytes
                ? outline.PacketHashes.Memory
                : ReadOnlyMemory<byte>.Empty;
            _hashBytes += hashes.Length;
            entry.Outline = new CertificateOutline(digest, ReadIdentity(outline.Identity), (long)outline.Size, hashes);
            entry.Stage = Stage.Outlined;
        }

        _outlines.Writer.TryWrite((prefix, entry));
    }

    private static ContentDigest ReadDigest(ulong prefix, ByteString digest) =>
        digest.Length == ContentDigest.Length && BinaryPrimitives.ReadUInt64BigEndian(digest.Span) == prefix
            ? ContentDigest.Read(digest.Span)
            : throw new PeerProtocolException("a digest is not the one that was wanted");

    private static CertificateIdentity ReadIdentity(ByteString identity)
    {
        try
        {
            return CertificateIdentity.Read(identity.Span);
        }
        catch (ArgumentException)
        {
            throw new PeerProtocolException("an outline names no certificate");
        }
    }

    private TakePlan Plan(CertificateOutline outline)
    {
        try
        {
            return _intake.Plan(outline, _policyVersion);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.Corrupt)
        {
            PeerPayloadLog.NotStored(_logger, _peer, e);
            return new TakePlan(null, RefusalReason.Busy);
        }
    }

    private Entry Find(ulong prefix, Stage stage, string otherwise)
    {
        lock (_lock)
        {
            return _entries.TryGetValue(prefix, out Entry? entry) && entry.Stage == stage ? entry : throw new PeerProtocolException(otherwise);
        }
    }

    private sealed class Entry
    {
        public Stage Stage { get; set; }

        public CertificateOutline? Outline { get; set; }

        public byte[]? Missing { get; set; }

        public int Reserved { get; set; }

        /// <summary>Since when the peer is to say or send something, as <see cref="TimeProvider.GetTimestamp"/>.</summary>
        public long WaitsSince { get; set; }
    }
}
