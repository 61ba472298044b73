using Sks.OpenPgp;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.Interop.Tests;

/// <summary>
/// Variants of signatures that anybody can make, smaller than what their maker made, sound to who only verifies them, and useless to gpg:
/// the clean view has the sound ones.
/// </summary>
public sealed class HostileVariantTests
{
    private static readonly SigningKey Owner = new(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("no issuer")]
    [InlineData("fingerprint of no version")]
    [InlineData("critical")]
    public async Task Gpg_finds_the_user_ID_in_the_view_but_not_with_the_variant_alone(string variant)
    {
        byte[] nameless = new SignedCertificate(Owner).UserId("Ada").Certify(static spec => spec.WithoutIssuer()).LastSignature;
        Subpacket versionless = Subpacket.IssuerFingerprint(Owner);
        versionless.Body[0] = 0;
        byte[] full = SignatureVariant.WithUnhashed(nameless, Subpacket.Issuer(Owner), Subpacket.IssuerFingerprint(Owner));
        byte[] hostile = variant switch
        {
            "no issuer" => SignatureVariant.WithUnhashed(nameless),
            "critical" => SignatureVariant.WithUnhashed(nameless, Subpacket.Issuer(Owner), new Subpacket(100, [1]).Critical()),
            _ => SignatureVariant.WithUnhashed(nameless, versionless),
        };
        Assert.True(hostile.Length < full.Length);

        Assert.DoesNotContain("uid", await ListAsync(With(hostile)));
        Assert.Contains("uid", await ListAsync(View(With(hostile, full))));

        static SignedCertificate With(params byte[][] signatures) => signatures.Aggregate(
            new SignedCertificate(Owner).UserId("Ada"), static (certificate, signature) => certificate.Add(PacketTag.Signature, signature));
    }

    private static byte[] View(SignedCertificate certificate)
    {
        using var examination = new CertificateExamination(certificate.BuildCertificate().PrimaryKey);
        examination.Add(certificate.BuildCertificate());
        return examination.Select(CleanViewPolicy.Current).Certificate!.ToArray();
    }

    private static Task<IReadOnlyList<string>> ListAsync(SignedCertificate certificate) => ListAsync(certificate.Build());

    // "uid" for each valid user ID.
    private static async Task<IReadOnlyList<string>> ListAsync(byte[] certificate)
    {
        await using GpgHome home = GpgHome.Create();
        await home.ImportAsync(certificate, Token);
        ProcessResult result = await home.RunAsync(["--with-colons", "--list-keys"], default, Token);
        return
        [
            .. result.OutputLines.Select(static line => line.Split(':'))
                .Where(static fields => fields[0] == "uid" && fields[1] is not ("i" or "r"))
                .Select(static fields => fields[0]),
        ];
    }
}
