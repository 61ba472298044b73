using Sks.HkpAdapter;
using Sks.HkpAdapter.Mail;
using Sks.HkpAdapter.Recon;
using Sks.Node;
using static Sks.Server.Configuration.Sksconf.SksconfValue;

namespace Sks.Server.Configuration.Sksconf;

/// <summary>Every setting of SKS 1.1.6, and what it is here.</summary>
internal static class SksconfTable
{
    private const string Storage = "the store here is another and needs no such tuning; it has no effect";
    private const string Internal = "it is about the inside of SKS and has no effect";
    private const string Tool = "it belongs to commands of SKS that do not exist here; it has no effect";
    private const string Statistics = "statistics are always up to date here; it has no effect";

    private static readonly SksconfEntry[] All =
    [
        // Who this is.
        new TranslatedEntry("hostname", Text, Hkp(nameof(HkpOptions.Hostname)), Recon(nameof(ReconOptions.Hostname))),
        new TranslatedEntry("nodename", Text, Hkp(nameof(HkpOptions.Nodename))),
        new TranslatedEntry("server_contact", Text, Hkp(nameof(HkpOptions.ServerContact))),

        // Where it listens.
        new ListenerEntry("recon_address", static (listeners, value) => listeners.SetReconAddress(value)),
        new ListenerEntry("recon_port", static (listeners, value) => listeners.SetReconPort(value)),
        new ListenerEntry("hkp_address", static (listeners, value) => listeners.SetHkpAddress(value)),
        new ListenerEntry("hkp_port", static (listeners, value) => listeners.SetHkpPort(value)),
        new ListenerEntry("baseport", static (listeners, value) => listeners.SetBasePort(value)),
        new ListenerEntry("use_port_80", static (listeners, _) => listeners.UsePort80()) { IsFlag = true },

        // Reconciliation.
        new TranslatedEntry("gossip_interval", FractionalMinutes, Recon(nameof(ReconOptions.Interval))),
        new TranslatedEntry("dontgossip", static _ => "false", Recon(nameof(ReconOptions.Gossip))) { IsFlag = true },
        new TranslatedEntry("mbar", Number, Recon(nameof(ReconOptions.Mbar))),
        new TranslatedEntry("q", Number, Recon(nameof(ReconOptions.BitQuantum))),
        new TranslatedEntry("recon_thresh_mult", Number, Recon(nameof(ReconOptions.FullThresholdFactor))),
        new IneffectiveEntry("ptree_thresh_mult", Storage),
        new TranslatedEntry("max_outstanding_recon_requests", Number, Recon(nameof(ReconOptions.MaxOutstandingRequests))),
        new TranslatedEntry("http_fetch_size", Number, Recon(nameof(ReconOptions.FetchSize))),
        new IneffectiveEntry("max_recover", "SKS does not use it either; it has no effect"),
        new TranslatedEntry("reconciliation_config_timeout", Seconds, Recon(nameof(ReconOptions.HandshakeTimeout))),
        new TranslatedEntry("reconciliation_timeout", Minutes, Recon(nameof(ReconOptions.SessionTimeout))),
        new TranslatedEntry("missing_keys_timeout", Seconds, Recon(nameof(ReconOptions.FetchTimeout))),
        new IneffectiveEntry("membership_reload_interval", "the file is looked at every minute, and names are resolved as often; it has no effect"),
        new IneffectiveEntry("disable_log_diffs", "no files of differences are written here; it has no effect") { IsFlag = true },

        // HKP.
        new TranslatedEntry("max_matches", Number, Node(nameof(KeyserverOptions.MaxMatches))),
        new TranslatedEntry("max_internal_matches", Number, Node(nameof(KeyserverOptions.MaxInternalMatches))),
        new IneffectiveEntry("max_uid_fetches", "at most 1000 signers are looked up for a page, as is the default of SKS; it has no effect"),
        new TranslatedEntry("wserver_timeout", Seconds, Hkp(nameof(HkpOptions.BodyTimeout))),
        new IneffectiveEntry("initial_stat", Statistics) { IsFlag = true },
        new IneffectiveEntry("stat_hour", Statistics),

        // Mail.
        new TranslatedEntry("from_addr", BareAddress, Mail(nameof(MailOptions.Address))),
        new TranslatedEntry("sendmail_cmd", Text, Mail(nameof(MailOptions.SendmailCommand))),
        new TranslatedEntry("disable_mailsync", static _ => "false", Mail(nameof(MailOptions.Receive)), Mail(nameof(MailOptions.Send))) { IsFlag = true },

        // Logs.
        new IneffectiveEntry("debug", "debuglevel alone decides here; it has no effect") { IsFlag = true },
        new TranslatedEntry("debuglevel", LogLevel, $"{LogOptions.Section}:{nameof(LogOptions.Level)}"),
        new IneffectiveEntry("stdoutlog", "the log always goes to standard error; it has no effect") { IsFlag = true },
        new IneffectiveEntry("logfile", "the log always goes to standard error; it has no effect"),

        // What SKS has inside.
        new IneffectiveEntry("basedir", "--data says where the store is; it has no effect"),
        new IneffectiveEntry("command_timeout", Internal),
        new IneffectiveEntry("dump_new_only", Tool) { IsFlag = true },
        new IneffectiveEntry("n", Tool),
        new IneffectiveEntry("d", Tool),
        new IneffectiveEntry("seed", Tool),
        new IneffectiveEntry("prob", Tool),
        new IneffectiveEntry("stdin", Tool) { IsFlag = true },
        new IneffectiveEntry("cache", Storage),
        new IneffectiveEntry("ptree_cache", Storage),
        new IneffectiveEntry("pagesize", Storage),
        new IneffectiveEntry("keyid_pagesize", Storage),
        new IneffectiveEntry("meta_pagesize", Storage),
        new IneffectiveEntry("subkeyid_pagesize", Storage),
        new IneffectiveEntry("time_pagesize", Storage),
        new IneffectiveEntry("tqueue_pagesize", Storage),
        new IneffectiveEntry("word_pagesize", Storage),
        new IneffectiveEntry("ptree_pagesize", Storage),
        new IneffectiveEntry("diskptree", Storage) { IsFlag = true },
        new IneffectiveEntry("nodiskptree", Storage) { IsFlag = true },
        new IneffectiveEntry("max_ptree_nodes", Storage),
        new IneffectiveEntry("db_sync_interval", Storage),
        new IneffectiveEntry("recon_sync_interval", Storage),
        new IneffectiveEntry("checkpoint_interval", Storage),
        new IneffectiveEntry("recon_checkpoint_interval", Storage),
    ];

    /// <summary>All entries by their name.</summary>
    public static IReadOnlyDictionary<string, SksconfEntry> Entries { get; } = All.ToDictionary(static entry => entry.Name, StringComparer.Ordinal);

    private static string Hkp(string property) => $"{HkpOptions.Section}:{property}";

    private static string Recon(string property) => $"{ReconOptions.Section}:{property}";

    private static string Mail(string property) => $"{MailOptions.Section}:{property}";

    private static string Node(string property) => $"{KeyserverOptions.Section}:{property}";
}
