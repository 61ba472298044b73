using System.Text;

namespace Sks.TestSupport;

/// <summary>A fresh GnuPG home, and gpg as a client of keyservers.</summary>
/// <remarks>
/// Every call runs gpg with <c>--batch</c> in a UTF-8 locale (elsewhere gpg sends search terms mangled) and returns whatever
/// the exit code. "Not found" is exit code 2. A keyserver is <c>hkp://ADDRESS:PORT</c>; gpg does not take <c>http://</c>.
/// </remarks>
public sealed class GpgHome : IAsyncDisposable
{
    private readonly string _gpg;
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string?> _environment;

    private GpgHome(string gpg)
    {
        _gpg = gpg;
        _environment = new() { ["GNUPGHOME"] = _folder.Path, ["LC_ALL"] = "C.UTF-8", ["LANGUAGE"] = null };
        // The system's resolver and a direct connection: dirmngr otherwise looks for a Tor proxy and does DNS by itself.
        File.WriteAllLines(_folder.Combine("dirmngr.conf"), ["standard-resolver", "no-use-tor"]);
    }

    /// <summary>The home folder, mode 0700.</summary>
    public string Folder => _folder.Path;

    /// <summary>Makes a home. Skips or fails the test when gpg or dirmngr is not installed.</summary>
    public static GpgHome Create()
    {
        InteropTool.Require("dirmngr");
        return new GpgHome(InteropTool.Require("gpg"));
    }

    /// <summary>Runs gpg with any arguments.</summary>
    public Task<ProcessResult> RunAsync(
        IReadOnlyList<string> arguments, ReadOnlyMemory<byte> input = default, CancellationToken cancellationToken = default) =>
        ProcessRunner.RunAsync(
            new ProcessCommand(_gpg, ["--batch", "--no-tty", .. arguments])
            {
                Environment = _environment,
                WorkingDirectory = Folder,
                Input = input,
            },
            null,
            cancellationToken);

    /// <summary>Imports a file, binary or armored.</summary>
    public Task<ProcessResult> ImportAsync(string file, CancellationToken cancellationToken = default) =>
        RunAsync(["--import", "--", file], default, cancellationToken);

    /// <summary>Imports bytes, binary or armored.</summary>
    public Task<ProcessResult> ImportAsync(ReadOnlyMemory<byte> keys, CancellationToken cancellationToken = default) =>
        RunAsync(["--import"], keys, cancellationToken);

    /// <summary>Exports public keys to <see cref="ProcessResult.OutputBytes"/>.</summary>
    /// <param name="keys">Fingerprints, key IDs or user IDs; none for all.</param>
    public Task<ProcessResult> ExportAsync(bool armor, IReadOnlyList<string> keys, CancellationToken cancellationToken = default) =>
        RunAsync([.. armor ? (string[])["--armor"] : [], "--export", "--", .. keys], default, cancellationToken);

    /// <summary>Makes an Ed25519 key with an X25519 subkey, no passphrase, no expiry; trusted ultimately.</summary>
    /// <returns>Its fingerprint, upper case.</returns>
    public async Task<string> GenerateKeyAsync(string userId, CancellationToken cancellationToken = default)
    {
        var result = await RunAsync(
            ["--pinentry-mode", "loopback", "--passphrase", "", "--status-fd", "1", "--quick-generate-key", "--", userId, "future-default", "default", "never"],
            default,
            cancellationToken).ConfigureAwait(false);
        // [GNUPG:] KEY_CREATED B <fingerprint>
        return result.EnsureSuccess().OutputLines
            .Single(line => line.StartsWith("[GNUPG:] KEY_CREATED ", StringComparison.Ordinal))
            .Split(' ')[3];
    }

    /// <summary>The revocation certificate that gpg made with a generated key, ready to import.</summary>
    public async Task<byte[]> ReadRevocationAsync(string fingerprint, CancellationToken cancellationToken = default)
    {
        var text = await File.ReadAllTextAsync(_folder.Combine("openpgp-revocs.d", fingerprint + ".rev"), cancellationToken).ConfigureAwait(false);
        // A colon before the armor guards against accidents.
        return Encoding.UTF8.GetBytes(text.Replace(":-----BEGIN", "-----BEGIN", StringComparison.Ordinal));
    }

    /// <summary><c>--recv-keys</c>.</summary>
    public Task<ProcessResult> ReceiveKeysAsync(
        Uri keyserver, IReadOnlyList<string> keys, CancellationToken cancellationToken = default) =>
        RunAsync(["--keyserver", Text(keyserver), "--recv-keys", "--", .. keys], default, cancellationToken);

    /// <summary><c>--search-keys</c>; the output is the server's machine readable index.</summary>
    public Task<ProcessResult> SearchKeysAsync(Uri keyserver, string text, CancellationToken cancellationToken = default) =>
        RunAsync(["--with-colons", "--keyserver", Text(keyserver), "--search-keys", "--", text], default, cancellationToken);

    /// <summary><c>--send-keys</c>.</summary>
    public Task<ProcessResult> SendKeysAsync(
        Uri keyserver, IReadOnlyList<string> keys, CancellationToken cancellationToken = default) =>
        RunAsync(["--keyserver", Text(keyserver), "--send-keys", "--", .. keys], default, cancellationToken);

    /// <summary><c>--refresh-keys</c>.</summary>
    /// <param name="keys">None for all keys here.</param>
    public Task<ProcessResult> RefreshKeysAsync(
        Uri keyserver, IReadOnlyList<string> keys, CancellationToken cancellationToken = default) =>
        RunAsync(["--keyserver", Text(keyserver), "--refresh-keys", "--", .. keys], default, cancellationToken);

    /// <summary>Finds a key by mail address on the keyserver alone, and imports it.</summary>
    public Task<ProcessResult> LocateKeysAsync(Uri keyserver, string address, CancellationToken cancellationToken = default) =>
        RunAsync(
            ["--keyserver", Text(keyserver), "--auto-key-locate", "clear,nodefault,keyserver", "--locate-external-keys", "--", address],
            default,
            cancellationToken);

    /// <summary>Primary fingerprints of the public keys here, upper case.</summary>
    public async Task<IReadOnlyList<string>> ListFingerprintsAsync(CancellationToken cancellationToken = default) =>
        PrimaryFingerprints(await RunAsync(["--with-colons", "--list-keys"], default, cancellationToken).ConfigureAwait(false));

    /// <summary>Primary fingerprints of the keys in a file, upper case, in its order. Nothing is imported.</summary>
    public async Task<IReadOnlyList<string>> ReadFingerprintsAsync(string file, CancellationToken cancellationToken = default) =>
        PrimaryFingerprints(await RunAsync(["--with-colons", "--show-keys", "--", file], default, cancellationToken).ConfigureAwait(false));

    /// <summary>Ends dirmngr. Needed after a keyserver refused a connection: dirmngr holds it for dead for a while.</summary>
    public async Task ForgetDeadKeyserversAsync(CancellationToken cancellationToken = default)
    {
        await KillDaemonsAsync("dirmngr", cancellationToken).ConfigureAwait(false);

        // gpgconf only asks, and until it has gone dirmngr accepts connections it does not answer.
        await Eventually.IsTrueAsync(
            () => !ProcessTable.WithEnvironment("GNUPGHOME", Folder).Any(static id => ProcessTable.IsNamed(id, "dirmngr")),
            "dirmngr is gone",
            cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends agent and dirmngr and deletes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await KillDaemonsAsync("all", CancellationToken.None).ConfigureAwait(false);

        // gpgconf only asks; what has not gone is killed. The daemons left our process groups, but not their environment.
        await Eventually.IsTrueAsync(
            () =>
            {
                var daemons = ProcessTable.WithEnvironment("GNUPGHOME", Folder).ToList();
                daemons.ForEach(id => _ = ProcessGroup.SendSignal(id, UnixSignal.Kill));
                return daemons.Count == 0;
            },
            "the daemons of GnuPG are gone").ConfigureAwait(false);
        _folder.Dispose();
    }

    private static string Text(Uri keyserver) => keyserver.OriginalString;

    private static List<string> PrimaryFingerprints(ProcessResult result)
    {
        // A "pub" record is followed by the "fpr" record of the primary key; those of subkeys follow "sub" records.
        var fingerprints = new List<string>();
        var primary = false;
        foreach (var fields in result.EnsureSuccess().OutputLines.Select(line => line.Split(':')))
        {
            if (fields[0] == "pub")
                primary = true;
            else if (primary && fields[0] == "fpr")
            {
                fingerprints.Add(fields[9]);
                primary = false;
            }
        }

        return fingerprints;
    }

    private Task<ProcessResult> KillDaemonsAsync(string which, CancellationToken cancellationToken) =>
        ProcessRunner.RunAsync(
            new ProcessCommand("gpgconf", "--kill", which) { Environment = _environment, WorkingDirectory = Folder }, null, cancellationToken);
}
