using CsCheck;
using Sks.OpenPgp.Verification;

namespace Sks.OpenPgp.Tests.Verification;

/// <summary>Mutated keys and signatures: no exception, and no verdict but the one that another arithmetic finds.</summary>
public sealed class HostileSignatureTests
{
    // Verifying a mutated signature by arithmetic takes long for some; the selection keeps the test in seconds.
    private static readonly (VectorKey Key, VectorCase Case)[] Seeds =
    [
        Find("rsa.json", "1024 bits, e = 65537", "sha256"),
        Find("rsa.json", "2048 bits, e = 65537", "sha256"),
        Find("dsa.json", "1024/160 bits", "sha1"),
        Find("ecdsa.json", "p256", "sha256"),
        Find("ecdsa.json", "secp256k1", "sha256"),
        Find("eddsa.json", "22", "sha256"),
        Find("eddsa.json", "27, version 6", "sha256"),
        Find("eddsa.json", "28, version 4", "sha512"),
        Find("ml-dsa.json", "30", "valid"),
    ];

    [Fact]
    public void Mutations_never_throw_and_never_verify_differently() =>
        Gen.Select(Gen.Int[0, Seeds.Length - 1], Gen.Bool, Gen.Int[0, 5_000], Gen.Byte, Gen.Int[0, 3]).Sample(
            static (seed, isKey, position, value, kind) =>
            {
                (VectorKey entry, VectorCase vector) = Seeds[seed];
                byte[] material = Convert.FromHexString(entry.Material);
                byte[] signature = Convert.FromHexString(vector.Signature);
                if (isKey)
                    material = Mutate(material, position, value, kind);
                else
                    signature = Mutate(signature, position, value, kind);

                PublicKeyPacket packet = VectorKey.ToPacket(entry.Version, entry.Algorithm, material);
                using VerificationKey? key = VerificationKey.TryImport(packet);
                using VerificationKey? managed = VerificationKey.TryImport(packet, Libraries.Managed);
                if (key is null || managed is null)
                    return key is null && managed is null;
                VectorCase mutated = vector with { Signature = Convert.ToHexString(signature) };
                SignatureVerdict verdict = mutated.VerifyWith(key);
                bool isUnchanged = isKey
                    ? material.AsSpan().SequenceEqual(Convert.FromHexString(entry.Material))
                    : mutated.Signature.Equals(vector.Signature, StringComparison.OrdinalIgnoreCase);
                return verdict == mutated.VerifyWith(managed)
                    && (!isUnchanged || verdict == SignatureVerdict.Valid)
                    && (isUnchanged || isKey || verdict != SignatureVerdict.Valid);
            },
            iter: 400);

    [Fact]
    public void Keys_that_do_not_sign_do_not_import()
    {
        foreach (int algorithm in Enumerable.Range(0, 256).Except([1, 3, 17, 19, 22, 27, 28, 30, 31, 32, 33, 34]))
        {
            foreach (int length in new[] { 0, 1, 32, 64 })
                Assert.Null(VerificationKey.TryImport(VectorKey.ToPacket(6, (byte)algorithm, new byte[length])));
        }
    }

    private static (VectorKey Key, VectorCase Case) Find(string file, string key, string name)
    {
        VerificationVectors vectors = VerificationVectors.Read(file);
        return (vectors.Keys.Single(entry => entry.Name == key), vectors.Cases.First(entry => entry.Key == key && entry.Name == name));
    }

    private static byte[] Mutate(byte[] bytes, int position, byte value, int kind)
    {
        position %= bytes.Length;
        return kind switch
        {
            0 => [.. bytes[..position], value, .. bytes[(position + 1)..]],
            1 => bytes[..position],
            2 => [.. bytes[..position], value, .. bytes[position..]],
            _ => [.. bytes[..position], .. bytes[(position + 1)..]],
        };
    }
}
