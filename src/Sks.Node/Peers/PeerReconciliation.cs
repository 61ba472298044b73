using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node.Peers;

/// <summary>Reconciles the full views, or those of its dialect, with one peer: what it gets to see, what is fetched from it, and what comes of that.</summary>
/// <remarks>
/// <para>A peer can offer what this node will not hold: something blocked, erased, frozen, or that cannot be read. SKS peers know no refusal, so it
/// would come back in every session for ever. Once it is known it becomes an alias: in sessions with this peer, and no other, the tree is shown as if
/// the peer's version were in it, and as if what stands for it here were not, when the peer has all of that. Aliases survive a restart and expire.</para>
/// <para>What is merely an older version of what is stored is not fetched twice either, but stays visible, so that the peer can fetch the newer one. What
/// does not arrive is a suspect: looked at one by one, within a budget of bytes. A peer that asks for an alias does not hold it any more, and the alias ends.
/// For concurrent use.</para>
/// </remarks>
public sealed class PeerReconciliation
{
    // What an answer without certificates costs both sides.
    private const int EmptyAnswerBytes = 512;

    private readonly string _peer;
    private readonly string _linkName;
    private readonly Dialect? _dialect;
    private readonly CertificateStore _store;
    private readonly CertificateIngest _ingest;
    private readonly RestrictionService _restrictions;
    private readonly PeerRegistry _registry;
    private readonly PeerLinks _links;
    private readonly PeerReconciliationOptions _options;
    private readonly OpenPgpLimits _limits;
    private readonly TimeProvider _time;
    private readonly OfferLedger _ledger;
    private readonly Lock _lock = new();

    internal PeerReconciliation(
        string peer,
        Dialect? dialect,
        CertificateStore store,
        CertificateIngest ingest,
        RestrictionService restrictions,
        PeerRegistry registry,
        PeerReconciliationOptions options,
        OpenPgpLimits limits,
        TimeProvider time)
    {
        _peer = peer;
        _dialect = dialect;
        _linkName = dialect is null ? peer : $"{peer}\0{(char)dialect.Profile}";
        _store = store;
        _ingest = ingest;
        _restrictions = restrictions;
        _registry = registry;
        _options = options;
        _limits = limits;
        _time = time;
        _links = new PeerLinks(store);
        _ledger = new OfferLedger(options, time);
        foreach (PeerAlias alias in _links.Read(_linkName))
            _ledger.AddAlias(alias);
        Report();
    }

    /// <summary>Gets ready for a session: what has been left alone for long enough is so no more.</summary>
    /// <exception cref="StorageException">The store is closing, or cannot be written.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<SksDigest> expired;
        lock (_lock)
            expired = _ledger.DropExpired(_restrictions.State.Retractions);
        if (expired.Count == 0)
            return;
        await _links.WriteAsync(_linkName, [], expired, cancellationToken).ConfigureAwait(false);
        Report();
    }

    /// <summary>The set for a session with this peer; null while the store is being repaired, when there can be none.</summary>
    /// <exception cref="StorageException">The store is closing.</exception>
    public ReconciliationSnapshot? TakeSnapshot()
    {
        List<PeerAlias> aliases;
        lock (_lock)
            aliases = [.. _ledger.Aliases];
        return ReconciliationSnapshot.Take(_store, _dialect, aliases);
    }

    /// <summary>Decides what of a session's findings is to be fetched.</summary>
    /// <param name="offered">What only the peer has.</param>
    /// <param name="isComplete">Whether the session came to its proper end, so that this is all that only the peer has.</param>
    /// <exception cref="StorageException">The store is closing.</exception>
    public RecoveryPlan Plan(IReadOnlyCollection<SksDigest> offered, bool isComplete)
    {
        List<SksDigest> missing;
        using (StoreLease lease = _store.TakeLease())
            missing = [.. offered.Where(digest => !Holds(lease.Reader, digest)).Distinct().OrderBy(static digest => digest.Value)];
        RecoveryPlan plan;
        lock (_lock)
        {
            _ledger.CountRound(missing.ToHashSet(), isComplete);
            plan = new RecoveryPlan(
                [.. missing.Where(digest => !_ledger.IsSuspect(digest))],
                [.. missing.Where(digest => _ledger.IsSuspect(digest) && !_ledger.IsCovered(digest))]);
        }

        Report();
        return plan;
    }

    /// <summary>Whether a suspect may be fetched now, as far as the peer's budget goes.</summary>
    public bool MayFetchSuspect()
    {
        lock (_lock)
            return _ledger.HasBudget;
    }

    /// <summary>Stores a certificate that the peer has sent.</summary>
    /// <param name="bytes">The packets.</param>
    /// <param name="requested">What was asked for in the request that this is part of the answer to.</param>
    /// <param name="cancellationToken">Gives up; what is stored by then is.</param>
    /// <returns>Which of the requested digests that settles; null for none.</returns>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task<SksDigest?> TakeAsync(ReadOnlyMemory<byte> bytes, IReadOnlySet<SksDigest> requested, CancellationToken cancellationToken)
    {
        // Before anything is decided: what is taken back meanwhile ends the alias.
        int retractions = _restrictions.State.Retractions;

        // Who asks for one thing only knows what the answer is to, even if it cannot be read.
        SksDigest? single = requested.Count == 1 ? requested.First() : null;
        if (!new KeyringItem(_dialect is null ? bytes : TrustPackets.Remove(bytes), ParseErrorCode.None).TryRead(_limits, acceptsCutEnd: false, out Certificate certificate, out SubmissionOutcome outcome))
        {
            if (single is { } unreadable)
                await AddAliasAsync(unreadable, null, retractions, cancellationToken).ConfigureAwait(false);
            return single;
        }

        outcome = await _ingest.StoreAsync(certificate, new SubmissionOrigin(ChangeSource.SksPeer, _peer), cancellationToken).ConfigureAwait(false);
        if (outcome.Result is SubmissionResult.Added or SubmissionResult.Updated)
            _registry.Update(_peer, static status => status with { Recovered = status.Recovered + 1 });
        SksDigest? settled = requested.Contains(certificate.Digest) ? certificate.Digest : single;
        if (settled is { } digest)
            await SettleAsync(digest, certificate, retractions, cancellationToken).ConfigureAwait(false);
        return settled;
    }

    /// <summary>Notes what came of looking at a suspect, which goes on the peer's budget unless it is held now.</summary>
    /// <param name="suspect">What was asked for.</param>
    /// <param name="bytes">What the peer sent.</param>
    /// <exception cref="StorageException">The store is closing.</exception>
    public void NoteSuspect(SksDigest suspect, long bytes)
    {
        if (Holds(suspect))
            return;
        lock (_lock)
            _ledger.Spend(Math.Max(bytes, EmptyAnswerBytes));
    }

    /// <summary>Notes what a request was not answered with.</summary>
    /// <param name="requested">What was asked for.</param>
    /// <param name="settled">What the answer settled.</param>
    public void NoteMissing(IReadOnlyCollection<SksDigest> requested, IReadOnlySet<SksDigest> settled)
    {
        lock (_lock)
        {
            foreach (SksDigest digest in requested)
            {
                if (!settled.Contains(digest))
                    _ledger.AddSuspect(digest, isCovered: false);
            }
        }

        Report();
    }

    /// <summary>Notes that the peer has asked for digests which are not stored here: those that were left alone for its sake it has lost.</summary>
    /// <exception cref="StorageException">The store cannot be written now, or is closing.</exception>
    public async Task NoteAskedAsync(IReadOnlyCollection<SksDigest> unknown, CancellationToken cancellationToken)
    {
        IReadOnlyList<SksDigest> dropped;
        lock (_lock)
            dropped = _ledger.DropAsked(unknown);
        if (dropped.Count == 0)
            return;
        await _links.WriteAsync(_linkName, [], dropped, cancellationToken).ConfigureAwait(false);
        Report();
    }

    private bool Holds(SksDigest digest)
    {
        using StoreLease lease = _store.TakeLease();
        return Holds(lease.Reader, digest);
    }

    private bool Holds(StoreReader reader, SksDigest digest) => _dialect is null ? reader.Contains(digest) : reader.Contains(_dialect, digest);

    private async Task SettleAsync(SksDigest digest, Certificate certificate, int retractions, CancellationToken cancellationToken)
    {
        if (Holds(digest))
        {
            lock (_lock)
                _ledger.RemoveSuspect(digest);
            return;
        }

        Certificate? ours = FindOurs(certificate);
        Certificate? union = ours is null ? null : CertificateMerger.Merge(ours, certificate);
        bool isCovered = certificate.Digest == digest && union is not null && union.Digest == ours!.Digest;
        if (isCovered)
        {
            lock (_lock)
                _ledger.AddSuspect(digest, isCovered: true);
            return;
        }

        // What is here is hidden only when the peer has all of it.
        SksDigest? hidden = union is not null && union.Digest == certificate.Digest ? ours!.Digest : null;
        await AddAliasAsync(digest, hidden, retractions, cancellationToken).ConfigureAwait(false);
    }

    private Certificate? FindOurs(Certificate certificate)
    {
        using StoreLease lease = _store.TakeLease();
        StoredCertificate? stored = lease.Reader.Find(certificate.Identity);
        return _dialect is null ? stored?.ReadFullView()?.Certificate : stored?.ReadView(_dialect);
    }

    private async Task AddAliasAsync(SksDigest digest, SksDigest? hidden, int retractions, CancellationToken cancellationToken)
    {
        var alias = new PeerAlias(digest, hidden, _time.GetUtcNow() + _options.AliasLifetime, retractions);
        bool isAdded;
        lock (_lock)
            isAdded = _ledger.AddAlias(alias);
        if (isAdded)
            await _links.WriteAsync(_linkName, [alias], [], cancellationToken).ConfigureAwait(false);
        Report();
    }

    private void Report()
    {
        (int aliases, int ineffective) counts;
        lock (_lock)
            counts = (_ledger.Aliases.Count, _ledger.Ineffective);
        _registry.Update(_peer, status => status with { Aliases = counts.aliases, Ineffective = counts.ineffective });
    }
}
