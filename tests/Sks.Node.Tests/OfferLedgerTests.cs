using Microsoft.Extensions.Time.Testing;
using Sks.Node.Peers;
using Sks.OpenPgp;

namespace Sks.Node.Tests;

/// <summary>What is remembered of a peer's offers that had no effect, and for how long.</summary>
public sealed class OfferLedgerTests
{
    private const int MaxAliases = 3;
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly OfferLedger _ledger;

    public OfferLedgerTests() => _ledger = new OfferLedger(new PeerReconciliationOptions(Lifetime, MaxAliases, 1000), _time);

    [Fact]
    public void A_suspect_counts_rounds_and_warns_from_the_third_on()
    {
        _ledger.AddSuspect(Digest(1), isCovered: false);
        _ledger.CountRound(Set(1), isComplete: true);
        Assert.Equal(0, _ledger.Ineffective);

        _ledger.CountRound(Set(1, 2), isComplete: true);

        Assert.Equal(1, _ledger.Ineffective);
    }

    [Fact]
    public void A_suspect_that_is_not_offered_any_more_is_forgotten_but_not_after_half_a_session()
    {
        _ledger.AddSuspect(Digest(1), isCovered: false);

        _ledger.CountRound(Set(), isComplete: false);
        Assert.True(_ledger.IsSuspect(Digest(1)));
        _ledger.CountRound(Set(), isComplete: true);
        Assert.False(_ledger.IsSuspect(Digest(1)));
    }

    [Fact]
    public void While_there_is_no_room_everything_counts_as_suspect_and_nothing_is_forgotten()
    {
        foreach (int i in Enumerable.Range(1, MaxAliases))
        {
            Assert.False(_ledger.IsSuspect(Digest(99)));
            Assert.True(_ledger.AddAlias(Alias(i)));
        }

        Assert.True(_ledger.IsSuspect(Digest(99)));
        Assert.False(_ledger.AddAlias(Alias(99)));
        Assert.True(_ledger.AddAlias(Alias(1)));
        Assert.Equal(MaxAliases, _ledger.Aliases.Count);
    }

    [Fact]
    public void What_the_peer_asks_for_is_no_alias_any_more()
    {
        _ledger.AddAlias(Alias(1));
        _ledger.AddAlias(Alias(2));

        Assert.Equal([Digest(2)], _ledger.DropAsked([Digest(2), Digest(3)]));
        Assert.Equal([Alias(1)], _ledger.Aliases);
    }

    [Fact]
    public void An_alias_is_no_suspect_and_expires()
    {
        _ledger.AddSuspect(Digest(1), isCovered: false);
        _ledger.AddAlias(Alias(1));
        Assert.False(_ledger.IsSuspect(Digest(1)));

        _time.Advance(Lifetime - TimeSpan.FromSeconds(1));
        Assert.Empty(_ledger.DropExpired(retractions: 0));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([Digest(1)], _ledger.DropExpired(retractions: 0));
        Assert.Empty(_ledger.Aliases);
    }

    [Fact]
    public void Aliases_are_dropped_when_a_restriction_is_taken_back()
    {
        _ledger.AddAlias(Alias(1));

        Assert.Equal([Digest(1)], _ledger.DropExpired(retractions: 1));
    }

    [Fact]
    public void The_budget_is_by_the_hour()
    {
        Assert.True(_ledger.HasBudget);
        _ledger.Spend(1000);
        Assert.False(_ledger.HasBudget);

        _time.Advance(TimeSpan.FromHours(1));

        Assert.True(_ledger.HasBudget);
    }

    [Fact]
    public void An_alias_survives_its_encoding()
    {
        PeerAlias alias = Alias(1);
        PeerAlias pair = alias with { Hidden = Digest(7), Retractions = 3 };

        Assert.Equal(alias, PeerAlias.Decode(alias.Offered, alias.EncodeValue()));
        Assert.Equal(pair, PeerAlias.Decode(pair.Offered, pair.EncodeValue()));
        Assert.Null(PeerAlias.Decode(alias.Offered, alias.EncodeValue().AsSpan(1)));
        Assert.Equal("00000000698ADB40" + "00000003" + "00000000000000000000000000000007", Convert.ToHexString(
            (pair with { Until = DateTimeOffset.FromUnixTimeSeconds(0x698ADB40) }).EncodeValue()));
    }

    private static SksDigest Digest(int number) => new((UInt128)(uint)number);

    private static HashSet<SksDigest> Set(params int[] numbers) => [.. numbers.Select(Digest)];

    private PeerAlias Alias(int number) => new(Digest(number), null, _time.GetUtcNow() + Lifetime, 0);
}
