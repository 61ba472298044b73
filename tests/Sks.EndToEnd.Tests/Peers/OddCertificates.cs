using Sks.OpenPgp;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.EndToEnd.Tests.Peers;

/// <summary>Certificates of which servers hold copies that differ in what nobody signed.</summary>
internal static class OddCertificates
{
    /// <summary>How many copies of each there are.</summary>
    public const int Copies = 4;

    private const int OfEachKind = 5;

    private static readonly Func<int, int, SignedCertificate>[] Kinds = [WithOddAreas, WithHostileVariants, WithDuplicates, WithMisplaced, WithJunk];

    /// <summary>How many certificates there are.</summary>
    public static int Count => Kinds.Length * OfEachKind;

    /// <summary>One copy of all of them.</summary>
    /// <param name="copy">Which, from 0.</param>
    public static IEnumerable<byte[]> Write(int copy) => Kinds.SelectMany((make, kind) => Enumerable.Range(0, OfEachKind)
        .Select(number => make(7000 + (100 * kind) + number, copy).Build(copy == 1 ? HeaderFormat.New : HeaderFormat.Sks)));

    // The same signature; what stands beside it, unsigned, depends on the copy.
    private static SignedCertificate WithOddAreas(int seed, int copy)
    {
        SigningKey key = SigningKey.FromPool(seed);
        byte[] signature = Named(key, "Odd").Certify().LastSignature;
        Subpacket issuer = Subpacket.Issuer(key);
        return Named(key, "Odd").Add(copy switch
        {
            0 => [SignatureVariant.WithUnhashed(signature)],
            1 => [SignatureVariant.WithUnhashed(signature, issuer, issuer), SignatureVariant.WithUnhashed(signature, issuer)],
            2 => [SignatureVariant.WithUnhashed(signature, new Subpacket(100, TestPackets.Filled(1 + (61 * (seed % 5)), seed, "odd")))],
            _ => (byte[][])[SignatureVariant.WithUnhashed(signature, Subpacket.Notation("odd@example.org", [1, 2, 3]), Subpacket.SignatureExpiration(1))],
        });
    }

    // Sound to who only verifies them; most are useless to clients.
    private static SignedCertificate WithHostileVariants(int seed, int copy)
    {
        SigningKey key = SigningKey.FromPool(seed);
        byte[] nameless = Named(key, "Hostile").Certify(static spec => spec.WithoutIssuer()).LastSignature;
        Subpacket versionless = Subpacket.IssuerFingerprint(key);
        versionless.Body[0] = 0;
        return Named(key, "Hostile").Add(PacketTag.Signature, copy switch
        {
            0 => SignatureVariant.WithUnhashed(nameless),
            1 => SignatureVariant.WithUnhashed(nameless, Subpacket.Issuer(key), new Subpacket(100, [1]).Critical()),
            2 => SignatureVariant.WithUnhashed(nameless, versionless),
            _ => SignatureVariant.WithUnhashed(nameless, Subpacket.Issuer(key), Subpacket.IssuerFingerprint(key)),
        });
    }

    // Signatures, user IDs and subkeys that are there several times, which depends on the copy.
    private static SignedCertificate WithDuplicates(int seed, int copy)
    {
        SigningKey key = SigningKey.FromPool(seed);
        SigningKey subkey = SigningKey.FromPool(seed, KeyKind.Curve25519);
        byte[] certification = Named(key, "Twice").Certify().LastSignature;
        byte[] binding = Named(key, "Twice").Subkey(subkey, KeyUse.Encrypt).LastSignature;
        SignedCertificate certificate = Named(key, "Twice").Add(Enumerable.Repeat(certification, 1 + copy));
        if (copy >= 2)
            Add(certificate.UserId("Twice <twice@example.org>"), certification);
        Add(certificate.Subkey(subkey), [.. Enumerable.Repeat(binding, copy)]);
        return copy == 3 ? Add(certificate.Subkey(subkey), binding, binding) : certificate;

        static SignedCertificate Add(SignedCertificate to, params byte[][] signatures) => to.Add(signatures);
    }

    // Each signature stands where it belongs in one copy only.
    private static SignedCertificate WithMisplaced(int seed, int copy)
    {
        SigningKey key = SigningKey.FromPool(seed);
        SigningKey subkey = SigningKey.FromPool(seed, KeyKind.Curve25519);
        byte[] one = Named(key, "One").Certify().LastSignature;
        byte[] revocation = Named(key, "One").Revoke(32).LastSignature;
        byte[] other = Named(key, "Other").Certify().LastSignature;
        byte[] binding = new SignedCertificate(key).Subkey(subkey, KeyUse.Encrypt).LastSignature;
        byte[] direct = new SignedCertificate(key).Direct().LastSignature;
        (byte[][] behindKey, byte[][] behindOne, byte[][] behindOther, byte[][] behindSubkey) = copy switch
        {
            0 => ((byte[][])[direct], (byte[][])[one, revocation], (byte[][])[other], (byte[][])[binding]),
            1 => ([], [other], [one, direct], [binding, revocation]),
            2 => ([], [binding], [], [one, other, direct]),
            _ => ([one, other, binding], [], [], []),
        };
        return new SignedCertificate(key).Add(behindKey)
            .UserId("One <odd@example.org>").Add(behindOne)
            .UserId("Other <odd@example.org>").Add(behindOther)
            .Subkey(subkey).Add(behindSubkey);
    }

    // What verifies with nothing, and certifications by others, among them variants of one.
    private static SignedCertificate WithJunk(int seed, int copy)
    {
        SigningKey key = SigningKey.FromPool(seed);
        SigningKey other = SigningKey.FromPool(seed + 1000);
        SignedCertificate certificate = Named(key, "Junk").Certify();
        byte[] certification = Named(key, "Junk").ThirdParty(other).LastSignature;
        return certificate
            .Add(PacketTag.Signature, TestPackets.Signature(4, SignatureType.PositiveCertification, copy, key.KeyId))
            .Add(PacketTag.Signature, SignatureVariant.WithUnhashed(certification, Subpacket.Issuer(other), new Subpacket(100, [(byte)copy])))
            .UserId($"Nobody's {copy}")
            .Attribute(10 + copy)
            .Add(PacketTag.Signature, certification);
    }

    private static SignedCertificate Named(SigningKey key, string name) => new SignedCertificate(key).UserId($"{name} <odd@example.org>");
}
