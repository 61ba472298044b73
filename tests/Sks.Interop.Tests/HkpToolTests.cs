using Sks.TestSupport;

namespace Sks.Interop.Tests;

/// <summary>Other real clients against our HKP server: sq and curl.</summary>
public sealed class HkpToolTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sq_sends_and_gets()
    {
        string sq = InteropTool.Require("sq");
        await using var keyserver = await HkpKeyserver.StartAsync(behindNginx: false, Token);
        await using var gpg = GpgHome.Create();
        string fingerprint = await gpg.GenerateKeyAsync("Sq Test <sq+tag@example.org>", Token);
        using var folder = new TemporaryFolder();
        string file = folder.Combine("key.pgp");
        await File.WriteAllBytesAsync(file, (await gpg.ExportAsync(false, [], Token)).EnsureSuccess().OutputBytes, Token);

        string[] keyserverArguments = ["keyserver", "--policy", "insecure", "--server", keyserver.Uri.OriginalString];
        (await RunAsync(sq, [.. keyserverArguments, "send", file])).EnsureSuccess();
        foreach (string wanted in (string[])[fingerprint, fingerprint[^16..], "sq+tag@example.org"])
        {
            ProcessResult got = (await RunAsync(sq, [.. keyserverArguments, "get", wanted])).EnsureSuccess();
            await using var reader = GpgHome.Create();
            (await reader.ImportAsync(got.OutputBytes, Token)).EnsureSuccess();
            Assert.Equal([fingerprint], await reader.ListFingerprintsAsync(Token));
        }

        Assert.NotEqual(0, (await RunAsync(sq, [.. keyserverArguments, "get", "nobody@example.org"])).ExitCode);
    }

    [Fact]
    public async Task Curl_submits_in_every_usual_way()
    {
        string curl = InteropTool.Require("curl");
        await using var gpg = GpgHome.Create();
        await gpg.GenerateKeyAsync("Curl Test <curl@example.org>", Token);
        using var folder = new TemporaryFolder();
        string armored = folder.Combine("key.asc");
        await File.WriteAllBytesAsync(armored, (await gpg.ExportAsync(true, [], Token)).EnsureSuccess().OutputBytes, Token);

        string[][] ways =
        [
            ["--data-urlencode", $"keytext@{armored}"],
            ["--form", $"keytext=<{armored}"],
            ["--form", $"keytext=@{armored}"],
            ["--header", "Content-Type: application/pgp-keys", "--data-binary", $"@{armored}"],
            ["--data-binary", $"@{armored}"],
            ["--data-binary", "keytext=" + await File.ReadAllTextAsync(armored, Token)],
        ];
        foreach (string[] way in ways)
        {
            await using var keyserver = await HkpKeyserver.StartAsync(behindNginx: false, Token);
            ProcessResult result = await RunAsync(curl, ["--silent", "--show-error", "--fail", .. way, $"http://{keyserver.EndPoint}/pks/add"]);
            Assert.StartsWith("1 added, 0 updated", result.EnsureSuccess().Output, StringComparison.Ordinal);
        }
    }

    private static Task<ProcessResult> RunAsync(string program, IReadOnlyList<string> arguments) =>
        ProcessRunner.RunAsync(new ProcessCommand(program, [.. arguments]), null, Token);
}
