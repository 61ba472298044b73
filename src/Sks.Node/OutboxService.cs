using System.Buffers.Binary;
using System.Text;
using Sks.Node.Admission;
using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node;

/// <summary>The queue of what is sent on to servers that do not ask for it, and how far each of these has got.</summary>
/// <remarks>
/// What is to be sent is committed with the change that it comes from, so that neither is there without the other. An entry is removed once all targets have
/// got beyond it, or with the certificate when that is restricted.
/// </remarks>
public sealed class OutboxService : IDisposable
{
    // The first byte of a row of state: the others are in LinkKeys and PeerLinks.
    private const byte KindTarget = 7;
    private const int MaxBytes = 4 << 20;

    private readonly CertificateStore _store;
    private readonly RestrictionService _restrictions;
    private readonly OpenPgpLimits _limits;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile Dictionary<string, ulong> _positions = [];
    private volatile OutboxUse _use;

    internal OutboxService(CertificateStore store, RestrictionService restrictions, OpenPgpLimits limits)
    {
        _store = store;
        _restrictions = restrictions;
        _limits = limits;
    }

    /// <summary>Begins to keep what is to be sent. A target that is new gets what comes from now on; one that is no target any more is forgotten.</summary>
    /// <param name="targets">Names of all targets.</param>
    /// <param name="use">What they get.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StorageException">The store is closing.</exception>
    public async Task SetTargetsAsync(IReadOnlyCollection<string> targets, OutboxUse use, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Dictionary<string, ulong> known = _store.ReadLinks([KindTarget]).ToDictionary(
                static row => Encoding.UTF8.GetString(row.Key.AsSpan(1)), static row => BinaryPrimitives.ReadUInt64BigEndian(row.Value), StringComparer.Ordinal);
            ulong newest = _store.Newest.Sequence;
            _positions = targets.ToDictionary(
                static target => target, target => known.TryGetValue(target, out ulong position) ? position : newest, StringComparer.Ordinal);
            _use = targets.Count == 0 ? OutboxUse.None : use;
            List<(byte[] Key, byte[]? Value)> gone = [.. known.Keys.Except(targets, StringComparer.Ordinal).Select(static target => (KeyOf(target), (byte[]?)null))];

            // A backup may hold entries and no targets.
            if (gone.Count + targets.Count > 0 || _store.ReadOutbox(0, 1, 1).Count > 0)
                await _store.AdvanceOutboxAsync([.. gone, .. RowsOf(_positions)], targets.Count == 0 ? newest : _positions.Values.Min(), cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotWritable)
        {
            // The next step writes all positions again.
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>What a target gets next, in order.</summary>
    /// <param name="target">Its name.</param>
    /// <param name="maxCount">How many at most.</param>
    /// <exception cref="StorageException">The store is closing.</exception>
    public IReadOnlyList<OutgoingCertificate> ReadFor(string target, int maxCount) =>
        _positions.TryGetValue(target, out ulong position) ? [.. _store.ReadOutbox(position, maxCount, MaxBytes).Select(ToOutgoing)] : [];

    /// <summary>How many entries wait for a target. Looks at each.</summary>
    /// <exception cref="StorageException">The store is closing.</exception>
    public long CountFor(string target) => _positions.TryGetValue(target, out ulong position) ? _store.CountOutbox(position) : 0;

    /// <summary>Notes that a target has got everything up to an entry, or was not to get it. When this is over it is on disk.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task AdvanceAsync(string target, ulong sequence, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_positions.ContainsKey(target))
                return;
            Dictionary<string, ulong> positions = new(_positions, StringComparer.Ordinal) { [target] = sequence };
            await _store.AdvanceOutboxAsync(RowsOf(positions), positions.Values.Min(), cancellationToken).ConfigureAwait(false);
            _positions = positions;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    /// <summary>What is to be sent on of a submission; null for nothing.</summary>
    /// <param name="candidate">The submission.</param>
    /// <param name="views">What is stored with it.</param>
    internal OutboxContent? Keep(IngestCandidate candidate, CertificateViews views)
    {
        bool isKept = candidate.Origin.Source switch
        {
            ChangeSource.Hkp or ChangeSource.Grpc => _use != OutboxUse.None,
            ChangeSource.Mail or ChangeSource.PksPush => _use == OutboxUse.ClientsAndRelay,
            _ => false,
        };
        if (!isKept)
            return null;
        Certificate accepted = new PacketSet([views.Full, .. views.Clean.Select(static view => view.Certificate)]).PartOf(candidate.Certificate);
        return new OutboxContent(accepted.ToArray())
        {
            Sender = candidate.Origin.Mail?.Sender,
            SeenBy = candidate.Origin.Mail?.SeenBy ?? [],
        };
    }

    private static List<(byte[] Key, byte[]? Value)> RowsOf(Dictionary<string, ulong> positions) =>
        [.. positions.Select(static position => (KeyOf(position.Key), (byte[]?)ValueOf(position.Value)))];

    private static byte[] KeyOf(string target) => [KindTarget, .. Encoding.UTF8.GetBytes(target)];

    private static byte[] ValueOf(ulong sequence)
    {
        byte[] value = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(value, sequence);
        return value;
    }

    // Restrictions are applied again: a backup may bring back an entry that was removed with its certificate.
    private OutgoingCertificate ToOutgoing(OutboxEntry entry)
    {
        OutboxContent content = entry.Content;
        MailOrigin? origin = content.Sender is null && content.SeenBy.Count == 0 ? null : new MailOrigin(content.Sender, content.SeenBy);
        Certificate? allowed = CertificateReader.TryRead(content.Packets, _limits, out Certificate certificate, out _)
            ? _restrictions.State.Hidden.Apply(certificate).Certificate
            : null;
        return new OutgoingCertificate(
            entry.Sequence,
            entry.Time,
            entry.Identity.Fingerprint,
            ReferenceEquals(allowed, certificate) ? content.Packets : allowed?.ToArray(),
            origin);
    }
}
