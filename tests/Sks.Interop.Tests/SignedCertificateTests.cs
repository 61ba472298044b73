using Sks.OpenPgp;
using Sks.OpenPgp.Verification;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.Interop.Tests;

/// <summary>What the tests sign, GnuPG and Sequoia verify: the oracle of the other tests is right.</summary>
public sealed class SignedCertificateTests
{
    private static readonly SigningKey Other = new(900, KeyKind.EdDsaLegacy);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KeyKind.EdDsaLegacy, SignatureHash.Sha512)]
    [InlineData(KeyKind.Rsa, SignatureHash.Sha1)]
    [InlineData(KeyKind.Rsa, SignatureHash.Sha224)]
    [InlineData(KeyKind.Rsa, SignatureHash.Sha256)]
    [InlineData(KeyKind.Rsa, SignatureHash.Sha384)]
    [InlineData(KeyKind.Rsa, SignatureHash.Sha512)]
    [InlineData(KeyKind.Rsa, SignatureHash.RipeMd160)]
    [InlineData(KeyKind.Dsa, SignatureHash.Sha256)]
    [InlineData(KeyKind.Dsa, SignatureHash.Sha512)]
    [InlineData(KeyKind.EcdsaP256, SignatureHash.Sha256)]
    [InlineData(KeyKind.EcdsaP384, SignatureHash.Sha384)]
    [InlineData(KeyKind.EcdsaBrainpoolP256, SignatureHash.Sha256)]
    [InlineData(KeyKind.EcdsaSecp256k1, SignatureHash.Sha256)]
    public async Task Gpg_finds_every_signature_good(KeyKind kind, SignatureHash hash)
    {
        await using GpgHome home = GpgHome.Create();
        await ImportAsync(home, new SignedCertificate(Other).UserId("Other").Certify());
        // sq 0.27 finds version 3 certifications bad that gpg and RFC 4880 section 5.2.4 (no prefix before the user ID) find good.
        var old = new SignatureSpec(SignatureType.GenericCertification).AsVersion(3).HashedWith(hash);
        SignedCertificate certificate = Every(kind, hash).UserId("Ada, as before").Sign(old);
        await ImportAsync(home, certificate);

        Dictionary<string, int> found = await CheckAsync(home, certificate.Primary);

        // A direct one, two on two user IDs and on the attribute, a version 3 one, two bindings. gpg ignores attestations.
        Assert.Equal(new Dictionary<string, int> { ["sig!"] = 10 }, found);
        // Without a good back-signature gpg would not say "s".
        Assert.Equal(["e", "s"], await SubkeyUsesAsync(home));
    }

    [Theory]
    [InlineData(KeyKind.EdDsaLegacy)]
    [InlineData(KeyKind.Rsa)]
    [InlineData(KeyKind.Dsa)]
    [InlineData(KeyKind.EcdsaP256)]
    public async Task Gpg_takes_every_revocation(KeyKind kind)
    {
        await using GpgHome home = GpgHome.Create();
        SignedCertificate certificate = new SignedCertificate(new SigningKey(3, kind))
            .UserId("Kept").Certify()
            .UserId("Gone").Certify().Revoke(32)
            .Subkey(new SigningKey(4, KeyKind.Curve25519), KeyUse.Encrypt).Revoke(3)
            .RevokeKey(0);
        await ImportAsync(home, certificate);

        Dictionary<string, int> found = await CheckAsync(home, certificate.Primary);

        Assert.Equal(new Dictionary<string, int> { ["sig!"] = 3, ["rev!"] = 3 }, found);
    }

    [Theory]
    [InlineData(SignatureForm.Corrupted)]
    [InlineData(SignatureForm.NegatedS)]
    public async Task Gpg_knows_a_bad_signature_from_a_malleable_one(SignatureForm form)
    {
        await using GpgHome home = GpgHome.Create();
        await ImportAsync(home, new SignedCertificate(new SigningKey(5, KeyKind.EcdsaP256)).UserId("Other").Certify());
        SignedCertificate certificate = new SignedCertificate(new SigningKey(6))
            .UserId("Ada").Certify().ThirdParty(new SigningKey(5, KeyKind.EcdsaP256), spec => spec.Written(form));
        await ImportAsync(home, certificate);

        Dictionary<string, int> found = await CheckAsync(home, certificate.Primary);

        Assert.Equal(
            form == SignatureForm.NegatedS
                ? new Dictionary<string, int> { ["sig!"] = 2 }
                : new Dictionary<string, int> { ["sig!"] = 1, ["sig-"] = 1 },
            found);
    }

    [Theory]
    [InlineData(KeyKind.EdDsaLegacy, SignatureHash.Sha512)]
    [InlineData(KeyKind.Rsa, SignatureHash.Sha256)]
    [InlineData(KeyKind.Dsa, SignatureHash.Sha256)]
    [InlineData(KeyKind.EcdsaP256, SignatureHash.Sha256)]
    [InlineData(KeyKind.EcdsaP384, SignatureHash.Sha384)]
    public async Task Sq_finds_every_own_signature_good_and_no_other(KeyKind kind, SignatureHash hash)
    {
        string good = await InspectAsync(Every(kind, hash));
        string bad = await InspectAsync(Every(kind, hash).UserId("Bad").Certify(static spec => spec.Written(SignatureForm.Corrupted)));

        Assert.DoesNotContain("Bad Signature", good, StringComparison.Ordinal);
        Assert.Contains("Key flags: signing\n", good, StringComparison.Ordinal); // the subkey, which needs its back-signature
        Assert.Contains("Bad Signature", bad, StringComparison.Ordinal);
    }

    private static SignedCertificate Every(KeyKind kind, SignatureHash hash)
    {
        SignatureSpec Hashed(SignatureSpec spec) => spec.HashedWith(hash);
        return new SignedCertificate(new SigningKey(1, kind))
            .Direct(Hashed)
            .UserId("Ada <ada@example.org>").Certify(spec => Hashed(spec).Primary().Noting("note@example.org", "hello")).ThirdParty(Other)
            .UserId("Ada, also").Certify(Hashed).ThirdParty(Other).Attest(Hashed)
            .Attribute(300).Certify(Hashed).ThirdParty(Other)
            .Subkey(new SigningKey(2, KeyKind.Curve25519), KeyUse.Encrypt, Hashed)
            .Subkey(new SigningKey(2, kind)).Bind(KeyUse.Sign, Hashed, changeBack: Hashed);
    }

    private static async Task ImportAsync(GpgHome home, SignedCertificate certificate) =>
        (await home.ImportAsync(certificate.Build(), Token)).EnsureSuccess();

    private static async Task<string> InspectAsync(SignedCertificate certificate)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Combine("certificate.pgp");
        await File.WriteAllBytesAsync(file, certificate.Build(), Token);
        ProcessResult result = await ProcessRunner.RunAsync(
            new ProcessCommand(InteropTool.Require("sq"), ["inspect", "--certifications", file]), null, Token);
        return result.EnsureSuccess().Output;
    }

    private static async Task<string[]> SubkeyUsesAsync(GpgHome home)
    {
        ProcessResult result = await home.RunAsync(["--with-colons", "--list-keys"], default, Token);
        return [.. result.OutputLines.Select(static line => line.Split(':')).Where(static fields => fields[0] == "sub").Select(static fields => fields[11])];
    }

    // How many signatures of a certificate have which verdict: "sig!" for a good one.
    private static async Task<Dictionary<string, int>> CheckAsync(GpgHome home, SigningKey key)
    {
        ProcessResult result = await home.RunAsync(
            ["--with-colons", "--allow-weak-digest-algos", "--check-signatures", "--", key.Fingerprint.ToString()], default, Token);
        return result.EnsureSuccess().OutputLines
            .Select(static line => line.Split(':'))
            .Where(static fields => fields[0] is "sig" or "rev")
            .CountBy(static fields => fields[0] + fields[1])
            .ToDictionary();
    }
}
