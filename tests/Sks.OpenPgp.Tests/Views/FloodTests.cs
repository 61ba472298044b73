using Sks.TestSupport.Signing;

namespace Sks.OpenPgp.Tests.Views;

/// <summary>150,000 signatures on one certificate, as in 2019: the view stays small, right, and cheap, and the revocation arrives.</summary>
public sealed class FloodTests
{
    private const int Count = 150_000;
    private const uint Time = 1_600_000_000;
    private const int MaxViewBytes = 60_000;

    private static readonly SigningKey Owner = new(1);
    private static readonly SigningKey Stranger = new(9);

    [Fact]
    public void By_third_parties_half_of_them_with_the_right_hash_tag()
    {
        SignedCertificate certificate = Start();
        byte[] right = certificate.Sign(new SignatureSpec(SignatureType.GenericCertification).WithoutIssuer(), Stranger).LastSignature;
        byte[] wrong = certificate.Sign(new SignatureSpec(SignatureType.GenericCertification).WithoutIssuer().WithWrongHashTag(), Stranger).LastSignature;
        Flood(certificate, Stranger, i => i % 2 == 0 ? right : wrong);
        using CertificateExamination examination = Examined.Of([certificate.RevokeKey(2).BuildCertificate()]);
        Certificate view = examination.Select(CleanViewPolicy.Current).Certificate!;

        Assert.Equal(certificate.LastSignature, Assert.Single(view.DirectSignatures).Body.ToArray());
        Assert.Equal(201, Assert.Single(view.UserIds).Signatures.Count);
        Assert.InRange(view.GetLength(), 1, MaxViewBytes);
        Assert.InRange(examination.Cost, Count, 3 * Count); // nothing but hashing
        Assert.Equal(view.ToArray(), Examined.Select(CleanViewPolicy.Current, view).Certificate!.ToArray());
    }

    [Fact]
    public void In_the_name_of_the_owner_with_the_right_hash_tag()
    {
        SignedCertificate certificate = Start();
        byte[] forged = certificate.Certify(static spec => spec.At(Time).WithoutIssuer().Written(SignatureForm.Corrupted)).LastSignature;
        Flood(certificate, Owner, _ => forged);
        byte[] revocation = certificate.RevokeKey(2).LastSignature;
        using CertificateExamination examination = Examined.Of([certificate.BuildCertificate()]);

        // A slice of work at a time, so that nobody else waits.
        int slices = 1;
        while (!examination.Advance(10_000))
        {
            Assert.InRange(examination.Cost, 1, slices * 11_000L);
            slices++;
        }

        Certificate view = examination.Select(CleanViewPolicy.Current).Certificate!;
        Assert.Equal(revocation, Assert.Single(view.DirectSignatures).Body.ToArray());
        Assert.Equal(201, Assert.Single(view.UserIds).Signatures.Count);
        Assert.InRange(view.GetLength(), 1, MaxViewBytes);
        Assert.InRange(examination.Cost, 50L * Count, 60L * Count); // one Ed25519 verification each
        Assert.InRange(slices, 500, 1_000);
    }

    [Fact]
    public void By_user_IDs_and_subkeys_that_nobody_has_signed()
    {
        SignedCertificate certificate = Start();
        for (int i = 0; i < Count / 2; i++)
            certificate.Component(PacketTag.UserId, BitConverter.GetBytes(i));
        byte[] subkey = new SigningKey(2, KeyKind.Curve25519).Body;
        for (int i = 0; i < Count / 2; i++)
            certificate.Component(PacketTag.PublicSubkey, [.. subkey[..1], .. BitConverter.GetBytes(i), .. subkey[5..]]);
        using CertificateExamination examination = Examined.Of([certificate.BuildCertificate()]);

        Assert.Equal(3, examination.Select(CleanViewPolicy.Current).Certificate!.PacketCount);
        Assert.InRange(examination.Cost, 1, 200);
    }

    private static SignedCertificate Start() => new SignedCertificate(Owner).UserId("Ada").Certify();

    // Each the same but for four bytes of its unhashed area.
    private static void Flood(SignedCertificate certificate, SigningKey issuer, Func<int, byte[]> choose)
    {
        for (int i = 0; i < Count; i++)
        {
            var number = new Subpacket(100, BitConverter.GetBytes(i));
            certificate.Add(PacketTag.Signature, SignatureVariant.WithUnhashed(choose(i), Subpacket.Issuer(issuer), number));
        }
    }
}
