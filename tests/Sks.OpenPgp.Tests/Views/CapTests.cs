using System.Security.Cryptography;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.OpenPgp.Tests.Views;

/// <summary>How much of each kind is shown, and that nothing of another kind can take its place.</summary>
public sealed class CapTests
{
    private const uint Time = 1_600_000_000;

    private static readonly SigningKey Owner = new(1);
    private static readonly SigningKey Stranger = new(9);

    [Fact]
    public void The_sixteen_newest_self_signatures_of_a_component_are_kept()
    {
        SignedCertificate certificate = new SignedCertificate(Owner).UserId("Ada");
        List<byte[]> signatures = [];
        foreach (int i in (int[])[.. Enumerable.Range(10, 10), .. Enumerable.Range(0, 10)])
            signatures.Add(certificate.Certify(spec => spec.At(Time + (uint)i)).LastSignature);
        var examined = new Examined(certificate);

        Assert.All(signatures[..14], signature => Assert.Equal(
            signatures.IndexOf(signature) < 10 ? PacketFate.Kept : PacketFate.EnoughSelfSignatures, examined.FateOf(signature)));
        Assert.Equal(16, examined.Count(PacketTag.Signature));
    }

    [Fact]
    public void An_owner_with_a_thousand_newer_self_signatures_and_notations_keeps_every_revocation()
    {
        var subkey = new SigningKey(2, KeyKind.Curve25519);
        var certificate = new SignedCertificate(Owner);
        byte[] key = certificate.RevokeKey(2, static spec => spec.At(Time)).LastSignature;
        byte[] userId = certificate.UserId("Ada").Revoke(32, static spec => spec.At(Time)).LastSignature;
        AddMany(static (c, i) => c.Certify(spec => spec.At(Time + 1 + (uint)i).Noting("n@example.org", new string('x', 1000))));
        byte[] binding = certificate.Subkey(subkey).Revoke(3, static spec => spec.At(Time)).LastSignature;
        AddMany(static (c, i) => c.Bind(KeyUse.Encrypt, spec => spec.At(Time + 1 + (uint)i)));
        AddMany(static (c, i) => c.Direct(spec => spec.At(Time + 1 + (uint)i)), 100);
        var examined = new Examined(certificate);

        Assert.Equal(PacketFate.Kept, examined.FateOf(key));
        Assert.Equal(PacketFate.Kept, examined.FateOf(userId));
        Assert.Equal(PacketFate.Kept, examined.FateOf(binding));
        Assert.Equal(3 * (1 + CleanViewPolicy.Current.MaxSelfSignatures), examined.Count(PacketTag.Signature));

        void AddMany(Action<SignedCertificate, int> add, int count = 1000)
        {
            for (int i = 0; i < count; i++)
                add(certificate, i);
        }
    }

    [Fact]
    public void Hard_revocations_come_before_newer_soft_ones()
    {
        SignedCertificate certificate = new SignedCertificate(Owner).UserId("Ada").Certify();
        byte[] hard = certificate.RevokeKey(2, static spec => spec.At(Time)).LastSignature;
        byte[] silent = certificate.RevokeKey(null, static spec => spec.At(Time)).LastSignature;
        byte[] oldestSoft = certificate.RevokeKey(1, static spec => spec.At(Time)).LastSignature;
        for (uint i = 1; i <= 14; i++)
            certificate.RevokeKey(3, spec => spec.At(Time + i));
        var examined = new Examined(certificate);

        Assert.Equal(PacketFate.Kept, examined.FateOf(hard));
        Assert.Equal(PacketFate.Kept, examined.FateOf(silent));
        Assert.Equal(PacketFate.EnoughRevocations, examined.FateOf(oldestSoft));
        Assert.Equal(PacketFate.Kept, examined.FateOf(certificate.LastSignature));
        Assert.Equal(16, examined.View.Certificate!.DirectSignatures.Count);
    }

    [Theory]
    [InlineData(4096, PacketFate.Kept)]
    [InlineData(4097, PacketFate.NotationsTooLarge)]
    public void A_self_signature_may_have_4096_bytes_of_notations(int bytes, PacketFate expected)
    {
        // A notation has 8 bytes before name and value.
        SignedCertificate certificate = Start().Certify(spec => spec
            .Noting("a@b.example", new string('x', 1000 - 8 - 11)).With(Subpacket.Notation("n", new byte[bytes - 1000 - 9])));

        Assert.Equal(expected, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    [Theory]
    [InlineData(PacketTag.UserId, 100)]
    [InlineData(PacketTag.UserAttribute, 16)]
    [InlineData(PacketTag.PublicSubkey, 100)]
    public void Components_with_the_newest_self_signatures_are_kept(PacketTag tag, int cap)
    {
        var certificate = new SignedCertificate(Owner);
        for (int i = 0; i < cap + 10; i++)
            Add(i);
        var examined = new Examined(certificate);

        Assert.Equal(cap, examined.Count(tag));
        Assert.All(Enumerable.Range(0, cap + 10), i => Assert.Equal(
            TimeOf(i) < 10 ? PacketFate.EnoughComponents : PacketFate.Kept, examined.FateOf(BodyOf(i))));

        // Neither the order of packets nor that of the bytes is that of time.
        int TimeOf(int i) => (i * 7) % (cap + 10);

        byte[] BodyOf(int i) => tag switch
        {
            PacketTag.UserId => TestPackets.UserId($"Number {i}"),
            PacketTag.UserAttribute => TestPackets.Attribute([(byte)i, 1, 2, 3]),
            _ => new SigningKey(i, KeyKind.Curve25519).Body,
        };

        void Add(int i)
        {
            certificate.Component(tag, BodyOf(i)).Sign(
                new SignatureSpec(tag == PacketTag.PublicSubkey ? SignatureType.SubkeyBinding : SignatureType.PositiveCertification)
                    .For(tag == PacketTag.PublicSubkey ? KeyUse.Encrypt : KeyUse.Certify).At(Time + (uint)TimeOf(i)));
        }
    }

    [Fact]
    public void User_IDs_that_others_sign_later_do_not_count_as_newer()
    {
        CleanViewPolicy policy = CleanViewPolicy.Current with { MaxUserIds = 1 };
        SignedCertificate certificate = new SignedCertificate(Owner)
            .UserId("Old").Certify(static spec => spec.At(Time)).ThirdParty(Stranger, static spec => spec.At(Time + 100))
            .UserId("New").Certify(static spec => spec.At(Time + 1));

        Assert.Equal(PacketFate.EnoughComponents, new Examined(certificate, policy).FateOf(TestPackets.UserId("Old")));
        Assert.Equal(PacketFate.Kept, new Examined(certificate, policy).FateOf(TestPackets.UserId("New")));
    }

    [Fact]
    public void Attributes_do_not_take_the_places_of_user_IDs()
    {
        CleanViewPolicy policy = CleanViewPolicy.Current with { MaxUserIds = 1, MaxAttributes = 1, MaxSubkeys = 1 };
        SignedCertificate certificate = Start().Attribute(100).Certify().Subkey(new SigningKey(2, KeyKind.Curve25519), KeyUse.Encrypt);

        Assert.Equal(3, new Examined(certificate, policy).View.Certificate!.Packets.Count(static p => p.Tag is not (PacketTag.Signature or PacketTag.PublicKey)));
    }

    [Theory]
    [InlineData(2048, PacketFate.Kept)]
    [InlineData(2049, PacketFate.ComponentTooLarge)]
    public void A_user_ID_may_have_2048_bytes(int length, PacketFate expected)
    {
        string text = new('x', length);

        Assert.Equal(expected, new Examined(Start().UserId(text).Certify()).FateOf(TestPackets.UserId(text)));
    }

    [Theory]
    [InlineData(65_536, PacketFate.Kept)]
    [InlineData(65_537, PacketFate.ComponentTooLarge)]
    public void An_attribute_may_have_65536_bytes(int length, PacketFate expected)
    {
        byte[] attribute = TestPackets.Filled(length, 1, "attribute");
        SignedCertificate certificate = Start().Component(PacketTag.UserAttribute, attribute).Certify();

        Assert.Equal(expected, new Examined(certificate).FateOf(attribute));
    }

    [Fact]
    public void Two_hundred_third_party_signatures_are_kept_on_each_component()
    {
        SignedCertificate certificate = Start();
        ThirdParties(certificate, 210);
        certificate.UserId("Other").Certify();
        ThirdParties(certificate, 205);
        var examined = new Examined(certificate);

        Assert.All(examined.View.Certificate!.UserIds, static userId => Assert.Equal(201, userId.Signatures.Count));
    }

    // The same everywhere, and work for whoever wants to displace the signatures of others.
    [Fact]
    public void Which_third_party_signatures_are_kept_is_decided_by_a_hash_of_the_fingerprint_and_the_packet()
    {
        SignedCertificate certificate = Start();
        List<byte[]> signatures = [];
        for (uint i = 0; i < 250; i++)
            signatures.Add(certificate.ThirdParty(Stranger, spec => spec.At(Time + i)).LastSignature);
        var examined = new Examined(certificate);

        IEnumerable<byte[]> ordered = signatures
            .OrderBy(static signature => Convert.ToHexString(SHA256.HashData([.. Owner.Fingerprint.Span, .. signature])), StringComparer.Ordinal);
        Assert.All(ordered.Take(200), signature => Assert.True(examined.Shows(signature)));
        Assert.All(ordered.Skip(200), signature => Assert.Equal(PacketFate.EnoughThirdPartySignatures, examined.FateOf(signature)));
    }

    [Fact]
    public void Of_self_signatures_made_at_the_same_time_those_whose_hashed_part_has_the_smallest_digest_are_kept()
    {
        SignedCertificate certificate = new SignedCertificate(Owner).UserId("Ada");
        List<byte[]> signatures = [];
        for (int i = 0; i < 30; i++)
            signatures.Add(certificate.Certify(spec => spec.At(Time).Noting("n@example.org", $"{i}")).LastSignature);
        var examined = new Examined(certificate);

        IEnumerable<byte[]> ordered = signatures.OrderBy(static signature => Convert.ToHexString(SHA256.HashData(HashedPartOf(signature))), StringComparer.Ordinal);
        Assert.All(ordered.Take(16), signature => Assert.True(examined.Shows(signature)));
        Assert.All(ordered.Skip(16), signature => Assert.False(examined.Shows(signature)));

        static byte[] HashedPartOf(byte[] signature)
        {
            Assert.True(SignaturePacket.TryParse(signature, out SignaturePacket claims));
            return signature[claims.Layout.HashedPart];
        }
    }

    [Fact]
    public void Third_party_signatures_take_no_place_of_the_owners_and_may_stand_on_the_key_itself()
    {
        CleanViewPolicy policy = CleanViewPolicy.Current with { MaxThirdPartySignatures = 3 };
        var certificate = new SignedCertificate(Owner);
        ThirdParties(certificate, 10);
        certificate.Direct().RevokeKey();

        Assert.Equal(5, new Examined(certificate, policy).View.Certificate!.DirectSignatures.Count);
    }

    [Theory]
    [InlineData(2048, PacketFate.Kept)]
    [InlineData(2049, PacketFate.SignatureTooLarge)]
    public void A_third_party_signature_may_have_2048_bytes(int length, PacketFate expected)
    {
        byte[] signature = Start().ThirdParty(Stranger).LastSignature;
        byte[] padded = SignatureVariant.WithUnhashed(signature, new Subpacket(100, new byte[1000]));
        padded = SignatureVariant.WithUnhashed(signature, new Subpacket(100, new byte[1000 + length - padded.Length]));
        Assert.Equal(length, padded.Length);

        Assert.Equal(expected, new Examined(Start().Add(PacketTag.Signature, padded)).FateOf(padded));
    }

    [Fact]
    public void A_third_party_signature_with_a_wrong_hash_tag_is_not_shown()
    {
        SignedCertificate certificate = Start().ThirdParty(Stranger, static spec => spec.WithWrongHashTag());

        Assert.Equal(PacketFate.WrongHashTag, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    [Fact]
    public void A_third_party_signature_with_an_unknown_critical_subpacket_is_not_shown()
    {
        SignedCertificate certificate = Start().ThirdParty(Stranger, static spec => spec.With(new Subpacket(99, [1]).Critical()));

        Assert.Equal(PacketFate.Unusable, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    // The numbers cannot be checked without the other's certificate: whoever fetches both sees what they are worth.
    [Fact]
    public void A_third_party_signature_is_shown_whatever_its_numbers()
    {
        SignedCertificate certificate = Start().ThirdParty(Stranger, static spec => spec.Written(SignatureForm.Corrupted));

        Assert.Equal(PacketFate.Kept, new Examined(certificate).FateOf(certificate.LastSignature));
    }

    private static void ThirdParties(SignedCertificate certificate, int count)
    {
        for (int i = 0; i < count; i++)
            certificate.ThirdParty(Stranger, spec => spec.At(Time + (uint)i));
    }

    private static SignedCertificate Start() => new SignedCertificate(Owner).UserId("Ada").Certify();
}
