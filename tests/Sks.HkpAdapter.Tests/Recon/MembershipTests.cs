using System.Net;
using Microsoft.Extensions.Time.Testing;
using Sks.HkpAdapter.Recon;
using Sks.Node.Peers;
using Sks.TestSupport;

namespace Sks.HkpAdapter.Tests.Recon;

public sealed class MembershipTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RecordingLoggers _loggers = new();
    private readonly FakeTimeProvider _time = new();
    private readonly NamedHosts _hosts = new();
    private readonly PeerRegistry _registry = new();
    private Membership _membership = null!;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private string FilePath => _folder.Combine("membership");

    public async ValueTask DisposeAsync()
    {
        if (_membership is not null)
            await _membership.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Peers_come_from_the_options_and_the_file_each_once()
    {
        _hosts.Set("one.example.org", "192.0.2.1", "2001:db8::1");
        Write("two.example.org 11370\nONE.example.org sks\nbroken\n192.0.2.3 11370\n");

        await StartAsync(new ReconOptions { Peers = ["one.example.org:11370"], MembershipFile = FilePath });

        Assert.Equal(["one.example.org 11370", "two.example.org 11370", "192.0.2.3 11370"], Names(_membership.Members));
        Assert.Equal(["one.example.org 11370", "192.0.2.3 11370"], Names(_membership.Reachable));
        Assert.Equal(["192.0.2.1", "2001:db8::1"], _membership.Members[0].Addresses.Select(static address => address.ToString()));
        Assert.Equal(["192.0.2.3 11370", "one.example.org 11370", "two.example.org 11370"], _registry.Read().Select(static peer => peer.Name));
        Assert.Contains(_loggers.Lines, line => line.StartsWith($"Warning 2102 {FilePath}, line 3:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_peer_is_found_by_its_address_whatever_the_port()
    {
        _hosts.Set("one.example.org", "192.0.2.1", "2001:db8::1");
        await StartAsync(new ReconOptions { Peers = ["one.example.org:11370", "192.0.2.1:9", "[fe80::1]:11370"] });

        Assert.Equal("one.example.org 11370", Find("192.0.2.1"));
        Assert.Equal("one.example.org 11370", Find("::ffff:192.0.2.1"));
        Assert.Equal("one.example.org 11370", Find("2001:db8::1"));
        Assert.Equal("fe80::1 11370", Find("fe80::1%2"));
        Assert.Null(Find("192.0.2.2"));
        Assert.Null(Find("2001:db8::2"));
    }

    [Fact]
    public async Task A_file_that_changes_is_read_again()
    {
        Write("192.0.2.1 11370\n");
        await StartAsync(new ReconOptions { MembershipFile = FilePath, MembershipInterval = TimeSpan.FromHours(6) });
        Write("192.0.2.1 11370\n192.0.2.2 11370\n");

        _time.Advance(TimeSpan.FromMinutes(1));
        await Eventually.IsTrueAsync(() => _membership.Members.Count == 2, "the second peer", cancellationToken: Ended);
        Write("192.0.2.2 11370\n");
        await _membership.RefreshAsync(resolve: false, Ended);

        Assert.Equal(["192.0.2.2 11370"], Names(_membership.Members));
        Assert.Equal(["192.0.2.2 11370"], _registry.Read().Select(static peer => peer.Name));
        Assert.Null(Find("192.0.2.1"));
    }

    [Fact]
    public async Task A_file_of_the_same_length_is_known_by_its_time()
    {
        Write("192.0.2.1 11370\n");
        await StartAsync(new ReconOptions { MembershipFile = FilePath });
        Write("192.0.2.9 11370\n");
        File.SetLastWriteTimeUtc(FilePath, File.GetLastWriteTimeUtc(FilePath).AddSeconds(1));

        await _membership.RefreshAsync(resolve: false, Ended);

        Assert.Equal(["192.0.2.9 11370"], Names(_membership.Members));
    }

    [Fact]
    public async Task A_missing_file_stops_the_start()
    {
        FileNotFoundException missing = await Assert.ThrowsAsync<FileNotFoundException>(() => StartAsync(new ReconOptions { MembershipFile = FilePath }));

        Assert.Contains(FilePath, missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_too_large_stops_the_start()
    {
        Write(new string('#', MembershipFile.MaxBytes + 1));

        await Assert.ThrowsAsync<IOException>(() => StartAsync(new ReconOptions { MembershipFile = FilePath }));
    }

    [Fact]
    public async Task A_file_that_vanishes_is_told_once_and_the_peers_stay()
    {
        Write("192.0.2.1 11370\n");
        await StartAsync(new ReconOptions { MembershipFile = FilePath });
        File.Delete(FilePath);

        await _membership.RefreshAsync(resolve: true, Ended);
        await _membership.RefreshAsync(resolve: false, Ended);

        Assert.Equal(["192.0.2.1 11370"], Names(_membership.Members));
        Assert.Single(_loggers.Lines, static line => line.StartsWith("Error 2103", StringComparison.Ordinal));

        Write("192.0.2.2 11370\n");
        await _membership.RefreshAsync(resolve: false, Ended);
        Assert.Equal(["192.0.2.2 11370"], Names(_membership.Members));
        File.Delete(FilePath);
        await _membership.RefreshAsync(resolve: false, Ended);
        Assert.Equal(2, _loggers.Lines.Count(static line => line.StartsWith("Error 2103", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Names_are_resolved_again_at_their_interval_only()
    {
        _hosts.Set("one.example.org", "192.0.2.1");
        await StartAsync(new ReconOptions { Peers = ["one.example.org:11370"], Hostname = "192.0.2.99", MembershipInterval = TimeSpan.FromMinutes(2) });
        Assert.Equal(1, _hosts.Lookups);
        _hosts.Set("one.example.org", "192.0.2.7");

        await _membership.RefreshAsync(resolve: false, Ended);
        Assert.Equal("one.example.org 11370", Find("192.0.2.1"));
        for (int minute = 0; minute < 2; minute++)
            _time.Advance(TimeSpan.FromMinutes(1));

        await Eventually.IsTrueAsync(() => Find("192.0.2.7") is not null, "the new address", cancellationToken: Ended);
        Assert.Null(Find("192.0.2.1"));
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_keeps_its_addresses()
    {
        _hosts.Set("one.example.org", "192.0.2.1");
        await StartAsync(new ReconOptions { Peers = ["one.example.org:11370"], Hostname = "192.0.2.99" });
        _hosts.Set("one.example.org");

        await _membership.RefreshAsync(resolve: true, Ended);
        await _membership.RefreshAsync(resolve: true, Ended);

        Assert.Equal("one.example.org 11370", Find("192.0.2.1"));
        Assert.Single(_loggers.Lines, static line => line.StartsWith("Warning 2105", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_server_that_is_silent_does_not_hold_the_others_up()
    {
        _hosts.Set("two.example.org", "192.0.2.2");
        _hosts.Silent = "one.example.org";
        Task starting = StartAsync(new ReconOptions { Peers = ["one.example.org:11370", "two.example.org:11370"], Hostname = "192.0.2.99" });

        await Eventually.IsTrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return starting.IsCompleted;
            },
            "the start",
            cancellationToken: Ended);
        await starting;

        Assert.Equal(["two.example.org 11370"], Names(_membership.Reachable));
    }

    [Theory]
    [InlineData("127.0.0.1:11370", "192.0.2.1 11370", true)]
    [InlineData("0.0.0.0:11370", "self.example.org 11370", true)]
    [InlineData("0.0.0.0:11370", "192.0.2.1 11380", false)]
    [InlineData("0.0.0.0:0", "192.0.2.1 11380", true)]
    [InlineData("off", "192.0.2.1 11370", false)]
    [InlineData("127.0.0.2:11370", "127.0.0.2 11370", true)]
    [InlineData("127.0.0.2:11370", "127.0.0.3 11370", false)]
    public async Task This_node_is_recognised_by_address_and_port(string listen, string line, bool isSelf)
    {
        _hosts.Set("self.example.org", "192.0.2.1");
        Write(line + "\n");

        await StartAsync(new ReconOptions { Listen = [listen], Hostname = "self.example.org", MembershipFile = FilePath });

        Assert.Equal(isSelf, Assert.Single(_membership.Members).IsSelf);
        Assert.Equal(isSelf, Assert.Single(_registry.Read()).IsSelf);
        Assert.Equal(isSelf ? 0 : 1, _membership.Reachable.Count);
        Assert.Equal(isSelf, Find(_membership.Members[0].Addresses[0].ToString()) is null);
    }

    [Fact]
    public async Task Two_servers_on_one_address_are_told_apart_once_the_port_is_known()
    {
        await StartAsync(new ReconOptions { Listen = ["127.0.0.1:0"], Hostname = "127.0.0.1", Peers = ["127.0.0.1:4001", "127.0.0.1:4002"] });
        Assert.Empty(_membership.Reachable);
        Assert.Null(_membership.OwnPort);

        await _membership.SetListenersAsync([new IPEndPoint(IPAddress.Loopback, 4001)], Ended);

        Assert.Equal(["127.0.0.1 4002"], Names(_membership.Reachable));
        Assert.Equal("127.0.0.1 4002", Find("127.0.0.1"));
        Assert.Equal(4001, _membership.OwnPort);
    }

    private static IEnumerable<string> Names(IEnumerable<Member> members) => members.Select(static member => member.Peer.Name);

    private string? Find(string address) => _membership.FindByAddress(IPAddress.Parse(address))?.Name;

    private void Write(string text) => File.WriteAllText(FilePath, text);

    private async Task StartAsync(ReconOptions options) =>
        _membership = await Membership.StartAsync(options, _registry, _hosts, _loggers, _time, Ended);
}
