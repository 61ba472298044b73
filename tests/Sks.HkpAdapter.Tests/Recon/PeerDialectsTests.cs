using Microsoft.Extensions.Logging.Abstractions;
using Sks.HkpAdapter.Recon;
using Sks.Node;
using Sks.OpenPgp;
using Sks.TestSupport;

namespace Sks.HkpAdapter.Tests.Recon;

/// <summary>What peers speak is found out, and kept up as long as somebody may speak it.</summary>
public sealed class PeerDialectsTests : IAsyncDisposable
{
    private static readonly ReconDialect Older = ReconDialect.All[1];
    private static readonly ReconDialect Newer = ReconDialect.All[2];

    private readonly TemporaryFolder _folder = new();
    private KeyserverNode? _node;
    private Membership? _membership;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Peer_speaks_SKS_until_it_announces_something_else()
    {
        PeerDialects dialects = await OpenAsync("192.0.2.1:11370");
        await dialects.SettleAsync(Token);
        Assert.Equal(ReconDialect.Sks, dialects.Of("192.0.2.1 11370"));
        await dialects.LearnAsync("192.0.2.1 11370", ["something", "unknown"], Token);
        Assert.Equal(ReconDialect.Sks, dialects.Of("192.0.2.1 11370"));

        await dialects.LearnAsync("192.0.2.1 11370", FiltersOf(Older), Token);
        Assert.Equal(Older, dialects.Of("192.0.2.1 11370"));
        Assert.Equal([Dialect.Hockeypuck23], _node!.Dialects.Maintained);
        Assert.Equal(Older.Name, Assert.Single(_node.Peers.Read()).Profile);

        // A peer that announces another thing each time has nothing given up and built again.
        await dialects.LearnAsync("192.0.2.1 11370", FiltersOf(Newer), Token);
        await dialects.SettleAsync(Token);
        Assert.Equal(Newer, dialects.Of("192.0.2.1 11370"));
        Assert.Equal(Dialect.All, _node.Dialects.Maintained);
    }

    [Fact]
    public async Task Named_dialect_is_kept_whatever_the_peer_announces()
    {
        PeerDialects dialects = await OpenAsync($"192.0.2.1:11370;profile={Older.Name}");
        await dialects.SettleAsync(Token);
        Assert.Equal([Dialect.Hockeypuck23], _node!.Dialects.Maintained);
        await dialects.LearnAsync("192.0.2.1 11370", FiltersOf(Newer), Token);
        Assert.Equal(Older, dialects.Of("192.0.2.1 11370"));
        Assert.Equal([Dialect.Hockeypuck23], _node.Dialects.Maintained);
    }

    [Fact]
    public async Task Dialect_that_nobody_speaks_any_more_is_given_up()
    {
        await (await OpenAsync($"192.0.2.1:11370;profile={Older.Name}")).SettleAsync(Token);
        await CloseAsync();

        // As long as it is not known what a peer speaks it may be this.
        await (await OpenAsync("192.0.2.1:11370")).SettleAsync(Token);
        Assert.Equal([Dialect.Hockeypuck23], _node!.Dialects.Maintained);
        await CloseAsync();

        await (await OpenAsync("192.0.2.1:11370;profile=sks")).SettleAsync(Token);
        Assert.Empty(_node!.Dialects.Maintained);
        await CloseAsync();

        // What the operator wants is kept in any case.
        await (await OpenAsync("192.0.2.1:11370;profile=sks", Newer.Name)).SettleAsync(Token);
        Assert.Equal([Dialect.Hockeypuck24], _node!.Dialects.Maintained);
    }

    [Theory]
    [InlineData("192.0.2.1:11370;profile=hockeypuck")]
    [InlineData("192.0.2.1:11370;profil=sks")]
    [InlineData("192.0.2.1:11370;profile=sks;profile=sks")]
    [InlineData("192.0.2.1:11370;")]
    public void Other_words_name_no_peer(string text) => Assert.False(ReconPeer.TryParse(text, out _));

    [Fact]
    public void Membership_file_names_dialects_and_passes_over_other_words()
    {
        MembershipLines lines = MembershipFile.Parse("""
            a.example 11370 profile=hockeypuck-2.4 # comment
            b.example 11370 whatever
            c.example 11370 profile=hockeypuck
            """);
        Assert.Equal([(string?)"hockeypuck-2.4", null], lines.Peers.Select(static peer => peer.Dialect?.Name));
        Assert.Equal([3], lines.Malformed);
    }

    private static IReadOnlyList<string> FiltersOf(ReconDialect dialect) => ReconConfiguration.ParseFilters(dialect.Filters!);

    private async Task<PeerDialects> OpenAsync(string peer, params IEnumerable<string> profiles)
    {
        _node = KeyserverNode.Open(new KeyserverOptions { DataDirectory = _folder.Combine("data"), Profiles = [.. profiles] }, TimeProvider.System);
        var options = new ReconOptions { Peers = [peer], Hostname = "127.0.0.98" };
        _membership = await Membership.StartAsync(options, _node.Peers, new NamedHosts(), NullLoggerFactory.Instance, TimeProvider.System, Token);
        return new PeerDialects(_node, _membership, ReconConfiguration.From(options, 11371), NullLogger.Instance);
    }

    private async Task CloseAsync()
    {
        if (_membership is not null)
            await _membership.DisposeAsync();
        if (_node is not null)
            await _node.DisposeAsync();
        (_membership, _node) = (null, null);
    }
}
