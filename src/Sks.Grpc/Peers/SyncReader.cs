using Sks.Node.Links;
using Sks.Peer.V1;
using Sks.Storage;
using RefusalReason = Sks.Node.Links.RefusalReason;

namespace Sks.Grpc.Peers;

/// <summary>Gives what arrives in a Sync stream, behind the hello, to those it is for.</summary>
internal sealed class SyncReader(
    WantQueue wants,
    ChangeAnnouncer announcer,
    ExchangeDriver exchanges,
    RestrictionExchange restrictions,
    FetchPump fetch,
    SentAnnouncements sent,
    Link link,
    Action<Ping> answerPing,
    Action<RefusalReason, int> noteRefused)
{
    private ulong _announcement;
    private ulong _followed;

    /// <summary>How far the peer's change log was announced.</summary>
    public ulong Followed => Volatile.Read(ref _followed);

    /// <summary>Takes in one message.</summary>
    /// <exception cref="PeerProtocolException">The peer breaks the protocol.</exception>
    /// <exception cref="PeerGoneException">The peer gives up.</exception>
    public async ValueTask TakeAsync(SyncMessage message, CancellationToken cancellationToken)
    {
        switch (message.KindCase)
        {
            case SyncMessage.KindOneofCase.Hello:
                throw new PeerProtocolException("a second hello");
            case SyncMessage.KindOneofCase.Want:
                await GiveAsync(message.Want, cancellationToken).ConfigureAwait(false);
                break;
            case SyncMessage.KindOneofCase.Announce:
                await NoteAsync(message.Announce, cancellationToken).ConfigureAwait(false);
                break;
            case SyncMessage.KindOneofCase.Restrictions:
                restrictions.Receive(message.Restrictions);
                break;
            case SyncMessage.KindOneofCase.Ping:
                answerPing(message.Ping);
                break;
            case SyncMessage.KindOneofCase.Error:
                throw PeerGoneException.Of(message.Error);
            case SyncMessage.KindOneofCase.Reject:
                noteRefused(message.Reject.Reason.ToReason() ?? RefusalReason.Other, DigestPrefixes.Read(message.Reject.Prefixes).Length);
                break;
            case SyncMessage.KindOneofCase.None:
                break;
            case SyncMessage.KindOneofCase.Begin when message.Begin.KeyEpoch != link.Key!.Epoch:
                throw new PeerProtocolException("an exchange under another link key");
            default:
                if (ExchangeMapping.FromWire(message) is { } part)
                    exchanges.Receive(part);
                break;
        }
    }

    private async ValueTask GiveAsync(Want want, CancellationToken cancellationToken)
    {
        IReadOnlyList<ulong> wanted = want.Announcement != 0 ? sent.Find(want.Announcement, want.Wanted) : DigestPrefixes.Read(want.Prefixes);

        // What the peer wants it does not hold: then there is nothing to be left alone.
        await DropPhantomsAsync(wanted, cancellationToken).ConfigureAwait(false);
        fetch.Give(wanted);
    }

    private async ValueTask NoteAsync(Announce announce, CancellationToken cancellationToken)
    {
        if (announce.Announcement != ++_announcement)
            throw new PeerProtocolException("announcements out of order");
        ulong[] removed = DigestPrefixes.Read(announce.Removed);
        announcer.NoteGoneThere(removed);
        await DropPhantomsAsync(removed, cancellationToken).ConfigureAwait(false);
        ulong[] added = DigestPrefixes.Read(announce.Added);
        announcer.NoteHeldThere(added);
        wants.Add(announce.Announcement, added);
        if (announce.Sequence > Followed)
            Volatile.Write(ref _followed, announce.Sequence);
    }

    private async ValueTask DropPhantomsAsync(IReadOnlyList<ulong> prefixes, CancellationToken cancellationToken)
    {
        List<ulong> phantoms = [.. prefixes.Where(link.IsPhantom)];
        if (phantoms.Count == 0)
            return;
        try
        {
            await link.DropPhantomsAsync(phantoms, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotWritable)
        {
            // The next exchange finds them again.
        }
    }
}
