using System.Globalization;
using System.Text;
using Sks.Node;
using Sks.OpenPgp;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.Interop.Tests;

/// <summary>Real clients and the clean view: what they get of a certificate that others have spoiled, and how revocations reach them.</summary>
public sealed class HkpCleanViewTests
{
    private static readonly SigningKey Owner = new(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gpg_and_sq_get_a_spoiled_certificate_without_what_spoils_it()
    {
        SignedCertificate spoiled = new SignedCertificate(Owner)
            .UserId("Owner <owner@example.org>").Certify()
            .Attribute(100)
            .Subkey(new SigningKey(2, KeyKind.Curve25519), KeyUse.Encrypt)
            .Subkey(new SigningKey(3)).Bind(KeyUse.Sign, place: SignedCertificate.BackSignature.None);
        await using var keyserver = await HkpKeyserver.StartAsync(behindNginx: false, Token);
        await ImportAsync(keyserver, new SignedCertificate(Owner).UserId("Abuse <abuse@example.org>").Build());
        await ImportAsync(keyserver, spoiled.Build());

        await using var gpg = GpgHome.Create();
        ProcessResult received = (await gpg.ReceiveKeysAsync(keyserver.Uri, [Owner.Fingerprint.ToString()], Token)).EnsureSuccess();
        Assert.DoesNotContain("bad", received.Error, StringComparison.Ordinal);
        AssertClean((await gpg.RunAsync(["--with-colons", "--list-keys"], default, Token)).OutputLines);

        ProcessResult got = await ProcessRunner.RunAsync(
            new ProcessCommand(
                InteropTool.Require("sq"),
                ["keyserver", "--policy", "insecure", "--server", keyserver.Uri.OriginalString, "get", Owner.Fingerprint.ToString()]),
            null,
            Token);
        await using var reader = GpgHome.Create();
        (await reader.ImportAsync(got.EnsureSuccess().OutputBytes, Token)).EnsureSuccess();
        AssertClean((await reader.RunAsync(["--with-colons", "--list-keys"], default, Token)).OutputLines);
    }

    [Fact]
    public async Task A_version_6_certificate_does_not_keep_gpg_from_its_neighbour()
    {
        await using var keyserver = await HkpKeyserver.StartAsync(behindNginx: false, Token);
        await ImportAsync(keyserver, new SignedCertificate(Owner).UserId("Both <both@example.org>").Certify().Build());
        await ImportAsync(keyserver, new SignedCertificate(new SigningKey(5, version: 6)).UserId("Both <both@example.org>").Certify().Build());
        Assert.Equal(2, keyserver.Node.GetStatistics().Certificates);

        await using var gpg = GpgHome.Create();
        (await gpg.LocateKeysAsync(keyserver.Uri, "both@example.org", Token)).EnsureSuccess();
        Assert.Equal([Owner.Fingerprint.ToString()], await gpg.ListFingerprintsAsync(Token));
    }

    [Fact]
    public async Task Gpg_learns_of_a_revocation_although_the_server_knows_no_user_ID()
    {
        await using var keyserver = await HkpKeyserver.StartAsync(behindNginx: false, Token);
        await using var sender = GpgHome.Create();
        string fingerprint = await sender.GenerateKeyAsync("Unknown here <unknown@example.org>", Token);
        await using var receiver = GpgHome.Create();
        (await receiver.ImportAsync((await sender.ExportAsync(false, [], Token)).OutputBytes, Token)).EnsureSuccess();
        Assert.DoesNotContain("pub:r:", await ListAsync(receiver), StringComparison.Ordinal);

        (await sender.ImportAsync(await sender.ReadRevocationAsync(fingerprint, Token), Token)).EnsureSuccess();
        byte[] exported = (await sender.ExportAsync(false, [], Token)).OutputBytes;
        Assert.True(CertificateReader.TryRead(exported, OpenPgpLimits.Unlimited, out Certificate revoked, out _));
        byte[] bare =
        [
            .. TestPackets.Frame(PacketTag.PublicKey, revoked.PrimaryKey.Body.Span),
            .. TestPackets.Frame(PacketTag.Signature, Assert.Single(revoked.DirectSignatures).Span),
        ];
        RawHttpResponse added = await PostAsync(keyserver, "application/pgp-keys", bare);
        Assert.Equal(200, added.StatusCode);

        (await receiver.RefreshKeysAsync(keyserver.Uri, [], Token)).EnsureSuccess();
        Assert.Contains("pub:r:", await ListAsync(receiver), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_gpg_makes_as_a_revocation_is_enough()
    {
        await using var keyserver = await HkpKeyserver.StartAsync(behindNginx: false, Token);
        await using var sender = GpgHome.Create();
        string fingerprint = await sender.GenerateKeyAsync("Revoked <revoked@example.org>", Token);
        ProcessResult made = await sender.RunAsync(
            ["--no-batch", "--command-fd", "0", "--pinentry-mode", "loopback", "--passphrase", "", "--gen-revoke", fingerprint],
            Encoding.ASCII.GetBytes("y\n0\n\ny\n"),
            Token);
        byte[] revocation = made.EnsureSuccess().OutputBytes;
        Assert.Equal(422, (await PostAsync(keyserver, "application/pgp-keys", revocation)).StatusCode);

        (await sender.SendKeysAsync(keyserver.Uri, [fingerprint], Token)).EnsureSuccess();
        await using var receiver = GpgHome.Create();
        (await receiver.ReceiveKeysAsync(keyserver.Uri, [fingerprint], Token)).EnsureSuccess();

        string guarded = Path.Combine(sender.Folder, "openpgp-revocs.d", fingerprint + ".rev");
        RawHttpResponse refused = await PostAsync(keyserver, "application/pgp-keys", await File.ReadAllBytesAsync(guarded, Token));
        Assert.Equal(422, refused.StatusCode);
        Assert.Contains("remove the colon", refused.Text, StringComparison.Ordinal);
        (await receiver.RefreshKeysAsync(keyserver.Uri, [], Token)).EnsureSuccess();
        Assert.DoesNotContain("pub:r:", await ListAsync(receiver), StringComparison.Ordinal);

        Assert.Equal(200, (await PostAsync(keyserver, "application/pgp-keys", revocation)).StatusCode);
        Assert.Equal(200, (await PostAsync(keyserver, "application/pgp-keys", await sender.ReadRevocationAsync(fingerprint, Token))).StatusCode);
        (await receiver.RefreshKeysAsync(keyserver.Uri, [], Token)).EnsureSuccess();
        Assert.Contains("pub:r:", await ListAsync(receiver), StringComparison.Ordinal);
    }

    private static void AssertClean(IReadOnlyList<string> listing)
    {
        Assert.Equal(["Owner <owner@example.org>"], listing.Select(static line => line.Split(':')).Where(static fields => fields[0] is "uid" or "uat").Select(static fields => fields[9]));
        Assert.Single(listing, static line => line.StartsWith("sub:", StringComparison.Ordinal));
    }

    private static async Task ImportAsync(HkpKeyserver keyserver, byte[] certificate)
    {
        await foreach (SubmissionOutcome outcome in keyserver.Node.Submissions.ImportAsync(new MemoryStream(certificate), Token))
            Assert.NotEqual(SubmissionResult.Rejected, outcome.Result);
    }

    private static async Task<string> ListAsync(GpgHome gpg) => (await gpg.RunAsync(["--with-colons", "--list-keys"], default, Token)).Output;

    private static Task<RawHttpResponse> PostAsync(HkpKeyserver keyserver, string contentType, byte[] body)
    {
        string head = string.Create(
            CultureInfo.InvariantCulture, $"POST /pks/add HTTP/1.0\r\nContent-Type: {contentType}\r\nContent-Length: {body.Length}\r\n\r\n");
        return RawHttp.ExchangeAsync(keyserver.EndPoint, (byte[])[.. Encoding.ASCII.GetBytes(head), .. body], null, Token);
    }
}
