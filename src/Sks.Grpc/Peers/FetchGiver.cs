using System.Diagnostics;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Sks.Node;
using Sks.Node.Links;
using Sks.OpenPgp;
using Sks.Peer.V1;
using Sks.Storage;
using Outline = Sks.Peer.V1.Outline;
using RefusalReason = Sks.Node.Links.RefusalReason;

namespace Sks.Grpc.Peers;

/// <summary>The giving side of a Fetch stream: what the peer wants is read one after the other, as the stream takes it.</summary>
/// <remarks>
/// Of what is offered as an outline only the digest is kept until the peer says what to send. Where it has changed by then it is not given:
/// the change is announced, and wanted in its turn.
/// </remarks>
internal sealed class FetchGiver(
    CertificateOffers offers, int policyVersion, NodeId peer, int maxOutstanding, Action wake, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, Entry> _entries = [];
    private readonly Queue<ulong> _wanted = [];
    private readonly Queue<(ulong Prefix, Entry Entry, byte[]? Bits)> _taken = [];
    private long _given;

    // Writer only: what is being sent in parts, and an offer that did not fit into the message before.
    private (ulong Prefix, ReadOnlyMemory<byte> Left)? _sending;
    private (Offer Offer, Entry Entry)? _left;

    /// <summary>Certificates that were sent.</summary>
    public long Given => Volatile.Read(ref _given);

    /// <summary>Whether it is in the middle of a certificate. Writer only.</summary>
    public bool IsSending => _sending is not null;

    /// <summary>Takes wants.</summary>
    /// <exception cref="PeerProtocolException">More are outstanding than may be.</exception>
    public void Give(IReadOnlyList<ulong> prefixes)
    {
        lock (_lock)
        {
            foreach (ulong prefix in prefixes)
            {
                if (_entries.TryGetValue(prefix, out Entry? entry))
                {
                    // That it declines the first time may be on its way still: wants come by another stream.
                    if (entry.Stage != Stage.Offered || entry.IsWantedAgain)
                        throw new PeerProtocolException("something is wanted that is wanted already");
                    entry.IsWantedAgain = true;
                    continue;
                }

                if (_entries.Count == maxOutstanding)
                    throw new PeerProtocolException("too much is wanted at once");
                Add(prefix);
            }
        }

        wake();
    }

    /// <summary>Takes what the peer says to send.</summary>
    /// <exception cref="PeerProtocolException">It was not offered, or has other packets.</exception>
    public void Handle(Takes takes)
    {
        lock (_lock)
        {
            foreach (Take take in takes.Takes_)
            {
                if (!_entries.TryGetValue(take.Prefix, out Entry? entry) || entry.Stage != Stage.Offered)
                    throw new PeerProtocolException("something is taken that is not offered");
                switch (take.KindCase)
                {
                    case Take.KindOneofCase.All:
                        Enqueue(take.Prefix, entry, null);
                        break;
                    case Take.KindOneofCase.Packets when entry.PacketCount > 0 && PacketBits.Fit(take.Packets.Span, entry.PacketCount):
                        Enqueue(take.Prefix, entry, take.Packets.ToByteArray());
                        break;
                    case Take.KindOneofCase.Declined:
                        Finish(take.Prefix);
                        break;
                    default:
                        throw new PeerProtocolException("packets are taken that are not offered");
                }
            }
        }

        wake();
    }

    /// <summary>The next message to send; null when there is none now. Writer only.</summary>
    /// <exception cref="StorageException">The store is closing.</exception>
    public FetchMessage? TryNext()
    {
        if (_sending is null && TryDequeue(_taken, out (ulong Prefix, Entry Entry, byte[]? Bits) taken))
            _sending = (taken.Prefix, Read(taken.Prefix, taken.Entry, taken.Bits));
        if (_sending is { } sending)
            return new FetchMessage { Payload = NextPart(sending.Prefix, sending.Left) };
        Offers message = NextOffers();
        return message.Offers_.Count == 0 ? null : new FetchMessage { Offers = message };
    }

    private Payload NextPart(ulong prefix, ReadOnlyMemory<byte> rest)
    {
        ReadOnlyMemory<byte> part = rest[..Math.Min(rest.Length, FetchLimits.PartBytes)];
        bool continues = part.Length < rest.Length;
        _sending = continues ? (prefix, rest[part.Length..]) : null;
        if (!continues)
        {
            // Before it is sent, as the peer may answer to it sooner than this goes on.
            lock (_lock)
                Finish(prefix);
        }

        return new Payload { Prefix = prefix, Packets = UnsafeByteOperations.UnsafeWrap(part), Continues = continues };
    }

    private Offers NextOffers()
    {
        var message = new Offers();
        long bytes = 0;
        while (message.Offers_.Count < FetchLimits.OffersPerMessage && TakeOffer() is { } next)
        {
            bytes += next.Offer.CalculateSize();
            if (message.Offers_.Count > 0 && bytes > FetchLimits.MessageBytes)
            {
                _left = next;
                break;
            }

            message.Offers_.Add(next.Offer);
            lock (_lock)
            {
                if (next.Offer.KindCase == Offer.KindOneofCase.Outline)
                    next.Entry.Stage = Stage.Offered;
                else
                    Finish(next.Offer.Prefix);
            }

            if (next.Offer.KindCase == Offer.KindOneofCase.Packets)
                Interlocked.Increment(ref _given);
        }

        return message;
    }

    private (Offer Offer, Entry Entry)? TakeOffer()
    {
        if (_left is { } left)
        {
            _left = null;
            return left;
        }

        if (!TryDequeue(_wanted, out ulong prefix))
            return null;
        Entry entry;
        lock (_lock)
            entry = _entries[prefix];
        return (Describe(prefix, entry), entry);
    }

    private Offer Describe(ulong prefix, Entry entry)
    {
        try
        {
            CertificateOffer found = offers.Find(prefix, policyVersion);
            if (found.Certificate is not { } certificate)
                return Decline(prefix, found.Reason, found.Digest);
            if (certificate.Packets.Length <= FetchLimits.InlineBytes)
                return new Offer { Prefix = prefix, Packets = ByteString.CopyFrom(certificate.Packets.Span) };
            byte[] hashes = certificate.HashPackets();
            if (hashes.Length > FetchLimits.HashBytes)
                hashes = [];
            entry.Digest = certificate.Digest;
            entry.PacketCount = hashes.Length / PacketFrames.HashLength;
            var outline = new Outline
            {
                Digest = ByteString.CopyFrom(certificate.Digest.Span),
                Identity = ByteString.CopyFrom(certificate.Identity.Span),
                Size = (ulong)certificate.Packets.Length,
                PacketHashes = UnsafeByteOperations.UnsafeWrap(hashes),
            };
            return new Offer { Prefix = prefix, Outline = outline };
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.Corrupt)
        {
            PeerPayloadLog.OfferDamaged(logger, peer, e);
            return Decline(prefix, RefusalReason.NotHeld, null);
        }
    }

    private static Offer Decline(ulong prefix, RefusalReason? reason, ContentDigest? digest)
    {
        var decline = new Decline { Reason = (reason ?? RefusalReason.NotHeld).ToMessage() };
        if (digest is { } held)
            decline.Digest = ByteString.CopyFrom(held.Span);
        return new Offer { Prefix = prefix, Declined = decline };
    }

    // Nothing when it is not what was offered any more.
    private ReadOnlyMemory<byte> Read(ulong prefix, Entry entry, byte[]? bits)
    {
        try
        {
            if (offers.Find(prefix, policyVersion).Certificate is not { } certificate || certificate.Digest != entry.Digest)
                return ReadOnlyMemory<byte>.Empty;
            Interlocked.Increment(ref _given);
            return bits is null ? certificate.Packets : certificate.Select(bits) ?? throw new UnreachableException();
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.Corrupt)
        {
            PeerPayloadLog.OfferDamaged(logger, peer, e);
            return ReadOnlyMemory<byte>.Empty;
        }
    }

    private bool TryDequeue<T>(Queue<T> queue, out T item)
    {
        lock (_lock)
            return queue.TryDequeue(out item!);
    }

    // Under the lock.
    private void Add(ulong prefix)
    {
        _entries.Add(prefix, new Entry());
        _wanted.Enqueue(prefix);
    }

    // Under the lock.
    private void Enqueue(ulong prefix, Entry entry, byte[]? bits)
    {
        entry.Stage = Stage.Taken;
        _taken.Enqueue((prefix, entry, bits));
    }

    // Under the lock.
    private void Finish(ulong prefix)
    {
        if (_entries.Remove(prefix, out Entry? entry) && entry.IsWantedAgain)
            Add(prefix);
    }

    private enum Stage
    {
        Wanted,
        Offered,
        Taken,
    }

    private sealed class Entry
    {
        public Stage Stage { get; set; }

        public ContentDigest Digest { get; set; }

        public int PacketCount { get; set; }

        public bool IsWantedAgain { get; set; }
    }
}
