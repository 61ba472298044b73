using System.Text;
using Sks.TestSupport;

namespace Sks.Interop.Tests;

public sealed class GpgHomeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_generated_key_travels_over_a_keyserver_to_another_home()
    {
        await using var sks = await SksPeer.ServeAsync([], cancellationToken: Token);
        await using var owner = GpgHome.Create();
        await using var friend = GpgHome.Create();
        var fingerprint = await owner.GenerateKeyAsync("Zoë Test <zoe@example.org>", Token);
        Assert.Matches("^[0-9A-F]{40}$", fingerprint);

        (await owner.SendKeysAsync(sks.KeyserverUri, [fingerprint], Token)).EnsureSuccess();

        var found = await friend.SearchKeysAsync(sks.KeyserverUri, "zoë", Token);
        Assert.Contains($"pub:{fingerprint}:22:", found.EnsureSuccess().Output, StringComparison.Ordinal);
        Assert.Empty(await friend.ListFingerprintsAsync(Token));
        (await friend.ReceiveKeysAsync(sks.KeyserverUri, [fingerprint], Token)).EnsureSuccess();
        Assert.Equal([fingerprint], await friend.ListFingerprintsAsync(Token));
        Assert.Equal(
            (await owner.ExportAsync(armor: false, [fingerprint], Token)).OutputBytes,
            (await friend.ExportAsync(armor: false, [], Token)).OutputBytes);
    }

    [Fact]
    public async Task Locate_finds_a_key_by_address_and_refresh_fetches_its_revocation()
    {
        await using var sks = await SksPeer.ServeAsync([], cancellationToken: Token);
        await using var owner = GpgHome.Create();
        await using var friend = GpgHome.Create();
        var fingerprint = await owner.GenerateKeyAsync("Locate <locate@example.org>", Token);
        (await owner.SendKeysAsync(sks.KeyserverUri, [fingerprint], Token)).EnsureSuccess();

        (await friend.LocateKeysAsync(sks.KeyserverUri, "locate@example.org", Token)).EnsureSuccess();
        Assert.Equal([fingerprint], await friend.ListFingerprintsAsync(Token));
        Assert.False(await IsRevokedAsync());

        (await owner.ImportAsync(await owner.ReadRevocationAsync(fingerprint, Token), Token)).EnsureSuccess();
        (await owner.SendKeysAsync(sks.KeyserverUri, [fingerprint], Token)).EnsureSuccess();
        (await friend.RefreshKeysAsync(sks.KeyserverUri, [], Token)).EnsureSuccess();
        Assert.True(await IsRevokedAsync());

        async Task<bool> IsRevokedAsync() =>
            (await friend.RunAsync(["--with-colons", "--list-keys"], cancellationToken: Token)).OutputLines
                .Single(line => line.StartsWith("pub:", StringComparison.Ordinal)).Split(':')[1] == "r";
    }

    [Fact]
    public async Task What_a_keyserver_does_not_have_is_exit_code_2()
    {
        await using var sks = await SksPeer.ServeAsync([], cancellationToken: Token);
        await using var gpg = GpgHome.Create();
        const string unknown = "00000000000000000000000000000000DEADBEEF";

        Assert.Equal(2, (await gpg.ReceiveKeysAsync(sks.KeyserverUri, [unknown], Token)).ExitCode);
        Assert.Equal(2, (await gpg.SearchKeysAsync(sks.KeyserverUri, "nobody", Token)).ExitCode);
        Assert.Equal(2, (await gpg.LocateKeysAsync(sks.KeyserverUri, "nobody@example.org", Token)).ExitCode);
    }

    [Fact]
    public async Task A_keyserver_that_was_down_is_used_again_after_being_forgotten()
    {
        await using var gpg = GpgHome.Create();
        var fingerprint = await gpg.GenerateKeyAsync("Down <down@example.org>", Token);
        await using var sks = SksPeer.Create();
        await sks.BuildAsync([], Token);
        Assert.Equal(2, (await gpg.SendKeysAsync(sks.KeyserverUri, [fingerprint], Token)).ExitCode);

        await sks.StartDbAsync(Token);
        await gpg.ForgetDeadKeyserversAsync(Token);

        (await gpg.SendKeysAsync(sks.KeyserverUri, [fingerprint], Token)).EnsureSuccess();
        Assert.NotNull(await sks.DigestOfAsync(fingerprint, Token));
    }

    [Fact]
    public async Task Armored_and_binary_exports_import_elsewhere()
    {
        await using var owner = GpgHome.Create();
        var fingerprint = await owner.GenerateKeyAsync("Export <export@example.org>", Token);
        var armored = (await owner.ExportAsync(armor: true, [fingerprint], Token)).EnsureSuccess();
        var binary = (await owner.ExportAsync(armor: false, [fingerprint], Token)).EnsureSuccess();
        Assert.StartsWith("-----BEGIN PGP PUBLIC KEY BLOCK-----", armored.Output, StringComparison.Ordinal);
        Assert.Equal(0x98, binary.OutputBytes[0]);

        foreach (var export in new[] { armored, binary })
        {
            await using var friend = GpgHome.Create();
            (await friend.ImportAsync(export.OutputBytes, Token)).EnsureSuccess();
            Assert.Equal([fingerprint], await friend.ListFingerprintsAsync(Token));
        }

        await using var other = GpgHome.Create();
        Assert.NotEqual(0, (await other.ImportAsync(Encoding.ASCII.GetBytes("no key"), Token)).ExitCode);
        (await other.ImportAsync(DebianKeyrings.Roles.Require(), Token)).EnsureSuccess();
        Assert.Equal(DebianKeyrings.Roles.Count, (await other.ListFingerprintsAsync(Token)).Count);
    }

    [Fact]
    public async Task Its_daemons_end_with_it()
    {
        var gpg = GpgHome.Create();
        var folder = gpg.Folder;
        await gpg.GenerateKeyAsync("Daemon <daemon@example.org>", Token); // starts the agent
        using var nobody = FreePort.Reserve();
        await gpg.SearchKeysAsync(new Uri($"hkp://{nobody.EndPoint}"), "anybody", Token); // starts dirmngr
        Assert.True(DaemonsOf(folder) >= 2, "agent and dirmngr should run");

        await gpg.DisposeAsync();

        Assert.Equal(0, DaemonsOf(folder));
        Assert.False(Directory.Exists(folder));
    }

    // By command line: the code under test looks at the environment.
    private static int DaemonsOf(string folder) =>
        Directory.EnumerateDirectories("/proc")
            .Select(process => Path.Combine(process, "cmdline"))
            .Count(file => File.Exists(file) && ReadOrEmpty(file).Contains(folder, StringComparison.Ordinal));

    private static string ReadOrEmpty(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return ""; // it has just ended
        }
    }
}
