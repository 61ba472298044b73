using Sks.OpenPgp;

namespace Sks.Node.Peers;

/// <summary>What one peer has offered without effect, and what is left alone of it. Not for concurrent use.</summary>
/// <remarks>
/// A digest that had no effect is a suspect as long as the peer goes on offering it. Whoever finds out that this node will not hold it makes it an
/// alias. Both are bounded, and nothing is forgotten to make room: what was forgotten would come back as new. While there is no room,
/// everything that is not known counts as suspect.
/// </remarks>
/// <param name="options">Bounds.</param>
/// <param name="time">Tells the hour of the budget.</param>
internal sealed class OfferLedger(PeerReconciliationOptions options, TimeProvider time)
{
    private const int RoundsToWarn = 3;

    // Suspects that are merely older versions cost no fetching, and there may be more of them.
    private const int SuspectsPerAlias = 10;

    private readonly Dictionary<SksDigest, PeerAlias> _aliases = [];
    private readonly Dictionary<SksDigest, Suspect> _suspects = [];
    private DateTimeOffset _hourStart;
    private long _bytesThisHour;

    /// <summary>What is left alone.</summary>
    public IReadOnlyCollection<PeerAlias> Aliases => _aliases.Values;

    /// <summary>How many digests were offered in three rounds or more without effect.</summary>
    public int Ineffective => _suspects.Values.Count(static suspect => suspect.Rounds >= RoundsToWarn);

    /// <summary>Whether there are bytes left of this hour's budget.</summary>
    public bool HasBudget
    {
        get
        {
            BeginHour();
            return _bytesThisHour < options.SuspectBytesPerHour;
        }
    }

    private bool IsFull => _aliases.Count >= options.MaxAliases || _suspects.Count >= SuspectsPerAlias * options.MaxAliases;

    /// <summary>Takes bytes of this hour's budget.</summary>
    public void Spend(long bytes)
    {
        BeginHour();
        _bytesThisHour += bytes;
    }

    /// <summary>Counts a round of the offers that are suspect, and forgets the suspects that are not offered any more.</summary>
    /// <param name="offered">What only the peer has.</param>
    /// <param name="isComplete">Whether that is all that only the peer has.</param>
    public void CountRound(IReadOnlySet<SksDigest> offered, bool isComplete)
    {
        if (isComplete)
        {
            foreach (SksDigest gone in _suspects.Keys.Where(digest => !offered.Contains(digest)).ToList())
                _suspects.Remove(gone);
        }

        foreach ((SksDigest digest, Suspect suspect) in _suspects)
        {
            if (offered.Contains(digest))
                suspect.Rounds++;
        }
    }

    /// <summary>Whether a digest was offered before without effect, or may have been.</summary>
    public bool IsSuspect(SksDigest digest) => _suspects.ContainsKey(digest) || IsFull;

    /// <summary>Whether a digest is known to bring nothing: the peer has yet to fetch what this node has instead.</summary>
    public bool IsCovered(SksDigest digest) => _suspects.TryGetValue(digest, out Suspect? suspect) && suspect.IsCovered;

    /// <summary>Notes that fetching a digest had no effect.</summary>
    /// <param name="digest">Which.</param>
    /// <param name="isCovered">Whether it is known to bring nothing that is not stored.</param>
    public void AddSuspect(SksDigest digest, bool isCovered)
    {
        if (!_suspects.TryGetValue(digest, out Suspect? suspect))
        {
            if (IsFull)
                return;
            _suspects.Add(digest, suspect = new Suspect());
        }

        suspect.IsCovered = isCovered;
    }

    /// <summary>Forgets that a digest is suspect.</summary>
    public void RemoveSuspect(SksDigest digest) => _suspects.Remove(digest);

    /// <summary>Leaves a digest alone from now on; false when there is no room.</summary>
    public bool AddAlias(PeerAlias alias)
    {
        if (!_aliases.ContainsKey(alias.Offered) && _aliases.Count >= options.MaxAliases)
            return false;
        _suspects.Remove(alias.Offered);
        _aliases[alias.Offered] = alias;
        return true;
    }

    /// <summary>Stops leaving digests alone that the peer has asked for: it does not hold them any more.</summary>
    /// <returns>Those that were.</returns>
    public IReadOnlyList<SksDigest> DropAsked(IEnumerable<SksDigest> asked) => [.. asked.Where(_aliases.Remove)];

    /// <summary>Stops leaving alone what has expired, or was made before restrictions were taken back.</summary>
    /// <returns>The digests.</returns>
    public IReadOnlyList<SksDigest> DropExpired(int retractions)
    {
        DateTimeOffset now = time.GetUtcNow();
        List<SksDigest> expired =
            [.. _aliases.Values.Where(alias => alias.Until <= now || alias.Retractions != retractions).Select(static alias => alias.Offered)];
        foreach (SksDigest digest in expired)
            _aliases.Remove(digest);
        return expired;
    }

    private void BeginHour()
    {
        DateTimeOffset now = time.GetUtcNow();
        if (now - _hourStart >= TimeSpan.FromHours(1) || now < _hourStart)
            (_hourStart, _bytesThisHour) = (now, 0);
    }

    private sealed class Suspect
    {
        public int Rounds { get; set; } = 1;

        public bool IsCovered { get; set; }
    }
}
