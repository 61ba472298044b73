using CsCheck;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.OpenPgp.Tests.Views;

/// <summary>Random versions of one certificate: parts of a pool of packets in which every rule of the clean view has something to decide.</summary>
internal static class GenPackets
{
    private const uint Time = 1_600_000_000;

    private static readonly SigningKey Owner = new(1);
    private static readonly SigningKey Friend = new(7);
    private static readonly SigningKey Revoker = new(8);
    private static readonly SigningKey Stranger = new(9);
    private static readonly List<(Packet? Component, Packet? Signature)> Pool = MakePool();

    /// <summary>So small that most versions are above some cap.</summary>
    public static CleanViewPolicy Small { get; } = CleanViewPolicy.Current with
    {
        MaxUserIds = 2,
        MaxAttributes = 1,
        MaxSubkeys = 2,
        MaxSelfSignatures = 2,
        MaxOwnRevocations = 1,
        MaxAttestations = 1,
        MaxDesignatedRevocations = 1,
        MaxThirdPartySignatures = 2,
    };

    /// <summary>Any part of the pool: about half of it.</summary>
    public static Gen<Certificate> Version { get; } =
        Gen.Bool.Array[Pool.Count].Select(static chosen => Build(Pool.Where((_, i) => chosen[i])));

    /// <summary>A certificate and, for each of its packets, whether to take it.</summary>
    public static Gen<(Certificate Certificate, bool[] Chosen)> VersionAndPart { get; } =
        Version.SelectMany(static version => Gen.Bool.Array[version.PacketCount].Select(chosen => (version, chosen)));

    /// <summary>Everything there is.</summary>
    public static Certificate All { get; } = Build(Pool);

    /// <summary>The chosen signatures, with what they stand under, and components without any.</summary>
    public static Certificate Part(Certificate certificate, bool[] chosen)
    {
        int next = 0;
        return Build(Entries(certificate).Where(_ => chosen[next++]));
    }

    /// <summary>Every packet but the primary key, with what it stands under.</summary>
    public static IEnumerable<(Packet? Component, Packet? Signature)> Entries(Certificate certificate)
    {
        foreach (Packet signature in certificate.DirectSignatures)
            yield return (null, signature);
        foreach (CertificateComponent component in certificate.UserIds.Concat(certificate.Subkeys))
        {
            yield return (component.Packet, null);
            foreach (Packet signature in component.Signatures)
                yield return (component.Packet, signature);
        }
    }

    private static Certificate Build(IEnumerable<(Packet? Component, Packet? Signature)> entries)
    {
        List<(Packet? Component, Packet? Signature)> all = [.. entries];
        List<byte> bytes = [.. TestPackets.Frame(PacketTag.PublicKey, Owner.Body)];
        foreach ((Packet? component, Packet? signature) in all.OrderBy(static entry => entry.Component?.Tag switch
            {
                null => 0,
                PacketTag.PublicSubkey => 2,
                _ => 1,
            }))
        {
            if (component is { } packet)
                bytes.AddRange(TestPackets.Frame(packet.Tag, packet.Span));
            if (signature is { } own)
                bytes.AddRange(TestPackets.Frame(own.Tag, own.Span));
        }

        return Keyrings.ReadOne(bytes.ToArray());
    }

    private static List<(Packet? Component, Packet? Signature)> MakePool()
    {
        var certificate = new SignedCertificate(Owner);
        certificate.Direct().Direct(static spec => spec.With(Subpacket.RevocationKey(Revoker)).At(Time)).RevokeKey(1).RevokeKey(2)
            .RevokeKeyBy(Revoker, 2).RevokeKeyBy(Revoker, 0).RevokeKeyBy(Stranger, 2).RevokeKey(0, static spec => spec.Written(SignatureForm.Corrupted))
            .ThirdParty(Stranger);
        for (int i = 0; i < 4; i++)
            AddUserId(certificate, i);
        certificate.UserId("Nobody's").ThirdParty(Friend).Certify(static spec => spec.Written(SignatureForm.Corrupted));
        certificate.UserId("Gone").Revoke(32).UserId("Local").Certify(static spec => spec.Local());
        certificate.Attribute(40).Certify().ThirdParty(Friend).Attribute(50).Certify().Revoke(32);
        for (int i = 0; i < 3; i++)
            AddSubkeys(certificate, i);
        return [.. Entries(certificate.BuildCertificate())];
    }

    private static void AddUserId(SignedCertificate certificate, int number)
    {
        certificate.UserId($"Number {number}");
        for (uint i = 0; i < 4; i++)
            certificate.Certify(spec => spec.At(Time + ((i * 7) % 5) + (uint)number));
        byte[] plain = certificate.LastSignature;
        foreach (Subpacket[] unhashed in (Subpacket[][])[[], [Subpacket.Issuer(Stranger)], [Subpacket.Issuer(Owner), new Subpacket(100, [(byte)number])]])
            certificate.Add(PacketTag.Signature, SignatureVariant.WithUnhashed(plain, unhashed));
        certificate.Revoke(32).Revoke(null, static spec => spec.At(Time)).Sign(new SignatureSpec(SignatureType.KeyRevocation).At(Time + (uint)number));
        List<byte[]> others = [];
        for (uint i = 0; i < 4; i++)
        {
            others.Add(certificate.ThirdParty(i % 2 == 0 ? Friend : Stranger, spec => spec.At(Time + i)).LastSignature);
            certificate.Add(PacketTag.Signature, SignatureVariant.WithUnhashed(certificate.LastSignature, new Subpacket(100, [(byte)i])));
        }

        certificate.Attest(others[..2], static spec => spec.At(Time + 1)).Attest(others[1..3], static spec => spec.At(Time + 2))
            .Attest(others[3..], static spec => spec.At(Time + 2)).RevokeBy(Stranger, 0);
    }

    private static void AddSubkeys(SignedCertificate certificate, int number)
    {
        certificate.Subkey(new SigningKey(20 + number, KeyKind.Curve25519)).Bind(KeyUse.Encrypt).Bind(KeyUse.Encrypt).Bind(KeyUse.Encrypt).Revoke(1)
            .RevokeBy(Revoker, 0);
        certificate.Subkey(new SigningKey(30 + number)).Bind(KeyUse.Sign, place: SignedCertificate.BackSignature.Unhashed);
        certificate.Add(PacketTag.Signature, SignatureVariant.WithUnhashed(certificate.LastSignature, Subpacket.Issuer(Owner)))
            .Bind(KeyUse.Sign, place: SignedCertificate.BackSignature.None).Bind(KeyUse.Sign);
    }
}
