using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Sks.Server.CommandLine;
using Sks.Server.Configuration;
using Sks.Server.Configuration.Sksconf;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

public sealed partial class SksconfTests : IDisposable
{
    // Every setting that SKS documents, once. Those that are not about storage differ from their default.
    private const string Everything =
        """
        # who we are
        basedir: /srv/sks
        hostname: keys.example.org   # what the world calls us
        nodename: node7
        server_contact: 0x0123456789ABCDEF
        recon_address: 192.0.2.1 2001:db8::1 192.0.2.2
        recon_port: 21370
        hkp_address: 192.0.2.1 2001:db8::1
        hkp_port: 21371
        baseport: 31370
        use_port_80:
        gossip_interval: 0.5
        dontgossip:
        mbar: 6
        q: 3
        recon_thresh_mult: 31
        ptree_thresh_mult: 11
        max_outstanding_recon_requests: 101
        http_fetch_size: 99
        max_recover: 2000
        reconciliation_config_timeout: 46
        reconciliation_timeout: 61
        missing_keys_timeout: 181
        membership_reload_interval: 7
        max_matches: 501
        max_internal_matches: 20001
        max_uid_fetches: 1001
        wserver_timeout: 182
        command_timeout: 60
        initial_stat:
        stat_hour: 4
        from_addr: "PGP Key Server Administrator <pgp-public-keys@keys.example.org>"
        sendmail_cmd: /usr/lib/sendmail -t -oi
        disable_mailsync:
        disable_log_diffs:
        debug:
        debuglevel: 6
        stdoutlog:
        logfile: sks.log
        dump_new_only:
        n: 1
        d: 2
        seed: 3
        prob: 0.5
        stdin:
        cache: 20
        ptree_cache: 5
        pagesize: 16
        keyid_pagesize: 16
        meta_pagesize: 16
        subkeyid_pagesize: 16
        time_pagesize: 16
        tqueue_pagesize: 16
        word_pagesize: 16
        ptree_pagesize: 16
        diskptree:
        nodiskptree:
        max_ptree_nodes: 1000
        db_sync_interval: 300
        recon_sync_interval: 300
        checkpoint_interval: 3600
        recon_checkpoint_interval: 3600
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_setting_is_known_and_those_that_matter_are_honoured()
    {
        ServerSettings settings = Load(Everything);

        Assert.Equal("keys.example.org", settings.Hkp.Hostname);
        Assert.Equal("keys.example.org", settings.Recon.Hostname);
        Assert.Equal("node7", settings.Hkp.Nodename);
        Assert.Equal("0x0123456789ABCDEF", settings.Hkp.ServerContact);
        Assert.Equal(["192.0.2.1:31370", "[2001:db8::1]:31370", "192.0.2.2:31370"], settings.Recon.Listen);
        Assert.Equal(["192.0.2.1", "2001:db8::1"], settings.Recon.SourceAddresses);
        Assert.Equal(["192.0.2.1:31371", "[2001:db8::1]:31371", "192.0.2.1:80", "[2001:db8::1]:80"], settings.Hkp.Listen);
        Assert.Equal(TimeSpan.FromSeconds(30), settings.Recon.Interval);
        Assert.False(settings.Recon.Gossip);
        Assert.Equal(6, settings.Recon.Mbar);
        Assert.Equal(3, settings.Recon.BitQuantum);
        Assert.Equal(31, settings.Recon.FullThresholdFactor);
        Assert.Equal(101, settings.Recon.MaxOutstandingRequests);
        Assert.Equal(99, settings.Recon.FetchSize);
        Assert.Equal(TimeSpan.FromSeconds(46), settings.Recon.HandshakeTimeout);
        Assert.Equal(TimeSpan.FromMinutes(61), settings.Recon.SessionTimeout);
        Assert.Equal(TimeSpan.FromSeconds(181), settings.Recon.FetchTimeout);
        Assert.Equal(TimeSpan.FromMinutes(1), settings.Recon.MembershipInterval);
        Assert.Equal(501, settings.Node.MaxMatches);
        Assert.Equal(20001, settings.Node.MaxInternalMatches);
        Assert.Equal(TimeSpan.FromSeconds(182), settings.Hkp.BodyTimeout);
        Assert.Equal(LogLevel.Debug, settings.Log.Level);
        Assert.False(settings.Mail.Receive);
        Assert.False(settings.Mail.Send);
        Assert.Equal("/usr/lib/sendmail -t -oi", settings.Mail.SendmailCommand);
    }

    [Fact]
    public void Every_setting_of_the_table_is_in_the_file_and_is_honoured_or_noted()
    {
        List<string> names = [.. SksconfFile.Parse("sksconf", Everything.Split('\n')).Select(static line => line.Name)];
        ServerSettings settings = Load(Everything);

        Assert.Equal(SksconfTable.Entries.Keys.Order(), names.Order());
        IEnumerable<string> noted = settings.Notes.Select(static note => NotedName().Match(note).Groups[1].Value).Where(static name => name.Length > 0);
        Assert.Equal(SksconfTable.Entries.Values.OfType<IneffectiveEntry>().Select(static entry => entry.Name).Order(), noted.Order());
    }

    [Fact]
    public void Without_addresses_it_listens_everywhere_as_SKS_does()
    {
        ServerSettings settings = Load("gossip_interval: 1.\n");

        string[] families = System.Net.Sockets.Socket.OSSupportsIPv6 ? ["0.0.0.0", "[::]"] : ["0.0.0.0"];
        Assert.Equal(families.Select(static address => address + ":11371"), settings.Hkp.Listen);
        Assert.Equal(families.Select(static address => address + ":11370"), settings.Recon.Listen);
        Assert.Empty(settings.Recon.SourceAddresses);
        Assert.Equal(TimeSpan.FromMinutes(1), settings.Recon.Interval);
    }

    [Fact]
    public void The_last_line_of_a_name_wins_and_a_base_port_counts_where_it_stands()
    {
        Assert.EndsWith(":7", Load("hkp_port: 5\nhkp_port: 7\n").Hkp.Listen[0], StringComparison.Ordinal);
        Assert.EndsWith(":11", Load("hkp_port: 5\nbaseport: 10\n").Hkp.Listen[0], StringComparison.Ordinal);
        Assert.EndsWith(":5", Load("baseport: 10\nhkp_port: 5\n").Hkp.Listen[0], StringComparison.Ordinal);
        Assert.Equal("two", Load("hostname: one\nhostname: two\n").Hkp.Hostname);
    }

    [Fact]
    public void Blanks_comments_and_carriage_returns_are_no_part_of_a_value()
    {
        ServerSettings settings = Load("  hkp_port :\t 5 # five\r\n\r\n   # nothing\r\nhostname: a b\r\nhkp_address: 127.0.0.1\r\n");

        Assert.Equal(["127.0.0.1:5"], settings.Hkp.Listen);
        Assert.Equal("a b", settings.Hkp.Hostname);
    }

    [Fact]
    public void Quotes_are_not_interpreted() => Assert.Equal("\"keys\"", Load("hostname: \"keys\"\n").Hkp.Hostname);

    [Fact]
    public void A_flag_is_on_whatever_follows_as_in_SKS()
    {
        ServerSettings settings = Load("dontgossip: false\n");

        Assert.False(settings.Recon.Gossip);
        Assert.Contains(settings.Notes, static note => note.Contains("sksconf:1: dontgossip", StringComparison.Ordinal));
    }

    [Fact]
    public void Names_of_hosts_are_resolved()
    {
        Dictionary<string, IReadOnlyList<string>> settings = [];
        SksConfiguration.ReadSettings(
            SksconfFile.Parse("sksconf", ["hkp_address: here ::1"]),
            static name => name == "here" ? [IPAddress.Parse("192.0.2.9"), IPAddress.IPv6Loopback] : [],
            settings,
            []);

        Assert.Equal(["192.0.2.9:11371", "[::1]:11371"], settings["Hkp:Listen"]);
    }

    [Theory]
    [InlineData("hkp_prot: 11371", "'hkp_prot'")]
    [InlineData("HKP_PORT: 11371", "'HKP_PORT'")]
    [InlineData("initial_stat", "'initial_stat'")]
    [InlineData("hkp_port: \"11371\"", "hkp_port: '\"11371\"'")]
    [InlineData("hkp_port:", "hkp_port: ''")]
    [InlineData("hkp_port: 65536", "hkp_port: '65536'")]
    [InlineData("baseport: 65535", "baseport: '65535'")]
    [InlineData("hkp_address:", "hkp_address")]
    [InlineData("recon_address: no.such.host.invalid", "'no.such.host.invalid'")]
    [InlineData("gossip_interval: 1,5", "gossip_interval: '1,5'")]
    [InlineData("gossip_interval: soon", "gossip_interval: 'soon'")]
    [InlineData("gossip_interval: -1", "gossip_interval: '-1'")]
    [InlineData("gossip_interval: nan", "gossip_interval: 'nan'")]
    [InlineData("gossip_interval: 1e300", "gossip_interval: '1e300'")]
    [InlineData("gossip_interval: 0", "gossip_interval: '0'")]
    [InlineData("reconciliation_timeout: 1.5", "reconciliation_timeout: '1.5'")]
    [InlineData("mbar: 0", "mbar: '0'")]
    [InlineData("q: 99", "q: '99'")]
    [InlineData("max_matches: many", "max_matches: 'many'")]
    [InlineData("debuglevel: high", "debuglevel: 'high'")]
    public void What_is_unknown_or_wrong_is_refused_with_its_line(string line, string named)
    {
        CommandException refusal = Assert.Throws<CommandException>(() => Load($"# first\n{line}\n"));

        Assert.Equal(ExitCode.Usage, refusal.ExitCode);
        Assert.StartsWith($"{_folder.Combine("sksconf")}:2: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_files_are_also_found_where_Debian_has_them()
    {
        Directory.CreateDirectory(_folder.Combine("etc", "sks"));
        File.WriteAllText(_folder.Combine("etc", "sks", "sksconf"), "hostname: debian\n");
        File.WriteAllText(_folder.Combine("etc", "sks", "membership"), "");
        File.WriteAllText(_folder.Combine("etc", "sks", "mailsync"), "# nobody\n\npks@example.org\npks@example.net # x\n");

        ServerSettings settings = SettingsLoader.Load([SksConfiguration.ReadFolder(_folder.Path)]);

        Assert.Equal("debian", settings.Hkp.Hostname);
        Assert.Equal(_folder.Combine("etc", "sks", "membership"), settings.Recon.MembershipFile);
        Assert.Empty(settings.Notes);
        Assert.Equal(_folder.Combine("etc", "sks", "mailsync"), settings.Mail.SendToFile);
        Assert.EndsWith("@debian", settings.Mail.Address, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keys@example.org")]
    [InlineData("\"PGP Key Server Administrator <keys@example.org>\"")]
    [InlineData("Keys <keys@example.org>")]
    public void From_addr_is_the_bare_address(string value) => Assert.Equal("keys@example.org", Load($"from_addr: {value}\n").Mail.Address);

    [Fact]
    public void A_membership_file_alone_changes_no_listener()
    {
        File.WriteAllText(_folder.Combine("membership"), "192.0.2.1 11370\n");

        ServerSettings settings = SettingsLoader.Load([SksConfiguration.ReadFolder(_folder.Path)]);

        Assert.Equal(new ServerSettings().Hkp.Listen, settings.Hkp.Listen);
        Assert.Equal(new ServerSettings().Recon.Listen, settings.Recon.Listen);
        Assert.Equal(_folder.Combine("membership"), settings.Recon.MembershipFile);
    }

    [Fact]
    public void A_folder_without_any_of_the_files_is_refused()
    {
        CommandException refusal = Assert.Throws<CommandException>(() => SksConfiguration.ReadFolder(_folder.Path));

        Assert.Equal(ExitCode.Usage, refusal.ExitCode);
        Assert.Contains(_folder.Path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_Debian_ships_is_read()
    {
        const string shipped = "/etc/sks";
        Assert.SkipUnless(File.Exists(Path.Combine(shipped, "sksconf")), "the package sks is not installed");

        ServerSettings settings = SettingsLoader.Load([SksConfiguration.ReadFolder(shipped)]);

        Assert.NotEmpty(settings.Hkp.Listen);
        Assert.Equal(Path.Combine(shipped, "membership"), settings.Recon.MembershipFile);
    }

    private ServerSettings Load(string text)
    {
        File.WriteAllText(_folder.Combine("sksconf"), text);
        return SettingsLoader.Load([SksConfiguration.ReadFolder(_folder.Path)]);
    }

    [GeneratedRegex(@"sksconf:\d+: (\w+): ")]
    private static partial Regex NotedName();
}
