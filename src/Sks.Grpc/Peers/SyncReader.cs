using Sks.Node.Links;
using Sks.Peer.V1;

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
    Action<Ping> answerPing)
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
                Give(message.Want);
                break;
            case SyncMessage.KindOneofCase.Announce:
                await NoteAsync(message.Announce, cancellationToken).ConfigureAwait(false);
                break;
            case SyncMessage.KindOneofCase.Restrictions:
                await restrictions.ReceiveAsync(message.Restrictions, cancellationToken).ConfigureAwait(false);
                break;
            case SyncMessage.KindOneofCase.Ping:
                answerPing(message.Ping);
                break;
            case SyncMessage.KindOneofCase.Error:
                throw PeerGoneException.Of(message.Error);
            case SyncMessage.KindOneofCase.Reject:
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

    private void Give(Want want)
    {
        if (want.Announcement != 0)
            fetch.Give(sent.Find(want.Announcement, want.Wanted));
        if (!want.Prefixes.IsEmpty)
            fetch.Give(DigestPrefixes.Read(want.Prefixes));
    }

    private async ValueTask NoteAsync(Announce announce, CancellationToken cancellationToken)
    {
        if (announce.Announcement != ++_announcement)
            throw new PeerProtocolException("announcements out of order");
        ulong[] added = DigestPrefixes.Read(announce.Added);
        foreach (ulong prefix in added)
            announcer.NoteHeldThere(prefix);
        wants.Add(announce.Announcement, added);
        List<ulong> gone = [.. DigestPrefixes.Read(announce.Removed).Where(link.IsPhantom)];
        if (gone.Count > 0)
            await link.DropPhantomsAsync(gone, cancellationToken).ConfigureAwait(false);
        if (announce.Sequence > Followed)
            Volatile.Write(ref _followed, announce.Sequence);
    }
}
