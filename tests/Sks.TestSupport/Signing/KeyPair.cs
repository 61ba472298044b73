using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Parameters;
using Sks.OpenPgp;
using Sks.OpenPgp.Verification;

namespace Sks.TestSupport.Signing;

/// <summary>The secret half of a test key and how its algorithm writes the public half. The same for the same kind and seed.</summary>
internal abstract class KeyPair
{
    private static readonly ConcurrentDictionary<(KeyKind Kind, int Seed), Lazy<KeyPair>> Made = new();

    /// <summary>Number on the wire.</summary>
    public abstract PublicKeyAlgorithm Algorithm { get; }

    /// <summary>The public key as it stands at the end of a key packet.</summary>
    public abstract byte[] Material { get; }

    /// <summary>What signatures hash with when nobody says otherwise.</summary>
    public virtual SignatureHash Hash => SignatureHash.Sha256;

    /// <summary>Signs a digest.</summary>
    public abstract SignatureValue Sign(SignatureHash hash, byte[] digest);

    /// <summary>Numbers that only look like a signature of a digest. Fails where nobody needs them.</summary>
    public virtual SignatureValue Fake(byte[] digest) => throw new NotSupportedException($"No junk with {Algorithm}.");

    /// <summary>The pair of a kind and a seed; made once in a process.</summary>
    public static KeyPair Get(KeyKind kind, int seed) =>
        Made.GetOrAdd((kind, seed), static key => new Lazy<KeyPair>(() => Make(key.Kind, key.Seed))).Value;

    /// <summary>Bytes that only the kind, the seed and a counter decide.</summary>
    protected static byte[] Secret(KeyKind kind, int seed, int length)
    {
        byte[] input = [.. Encoding.ASCII.GetBytes(kind.ToString()), 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(input.AsSpan(^4..), seed);
        return SHA512.HashData(input)[..length];
    }

    private static KeyPair Make(KeyKind kind, int seed) => kind switch
    {
        KeyKind.EdDsaLegacy => new Ed25519KeyPair(Secret(KeyKind.Ed25519, seed, Ed25519KeyPair.SecretLength), isNative: false),
        KeyKind.Ed25519 => new Ed25519KeyPair(Secret(KeyKind.Ed25519, seed, Ed25519KeyPair.SecretLength), isNative: true),
        KeyKind.Ed448 => new Ed448KeyPair(Secret(kind, seed, Ed448KeyPair.SecretLength)),
        KeyKind.Rsa => new RsaKeyPair(seed),
        KeyKind.Dsa => new DsaKeyPair(Secret(kind, seed, 40)),
        KeyKind.EcdsaP256 => new EcdsaKeyPair(EcdsaCurve.P256, Secret(kind, seed, 40)),
        KeyKind.EcdsaP384 => new EcdsaKeyPair(EcdsaCurve.P384, Secret(kind, seed, 56)),
        KeyKind.EcdsaBrainpoolP256 => new EcdsaKeyPair(EcdsaCurve.BrainpoolP256, Secret(kind, seed, 40)),
        KeyKind.EcdsaSecp256k1 => new EcdsaKeyPair(EcdsaCurve.Secp256k1, Secret(kind, seed, 40)),
        KeyKind.MlDsa65Ed25519 => PostQuantumKeyPair.MlDsa(
            PublicKeyAlgorithm.MlDsa65Ed25519, Get(KeyKind.Ed25519, seed), MLDsaParameters.ml_dsa_65, Secret(kind, seed, 32)),
        KeyKind.MlDsa87Ed448 => PostQuantumKeyPair.MlDsa(
            PublicKeyAlgorithm.MlDsa87Ed448, Get(KeyKind.Ed448, seed), MLDsaParameters.ml_dsa_87, Secret(kind, seed, 32)),
        KeyKind.SlhDsaShake128s => PostQuantumKeyPair.SlhDsa(
            PublicKeyAlgorithm.SlhDsaShake128s, SlhDsaParameters.slh_dsa_shake_128s, Secret(kind, seed, 32)),
        KeyKind.SlhDsaShake128f => PostQuantumKeyPair.SlhDsa(
            PublicKeyAlgorithm.SlhDsaShake128f, SlhDsaParameters.slh_dsa_shake_128f, Secret(kind, seed, 32)),
        KeyKind.SlhDsaShake256s => PostQuantumKeyPair.SlhDsa(
            PublicKeyAlgorithm.SlhDsaShake256s, SlhDsaParameters.slh_dsa_shake_256s, Secret(kind, seed, 32)),
        KeyKind.Curve25519 => new EncryptionKey(Secret(kind, seed, EncryptionKey.PointLength), isNative: false),
        KeyKind.X25519 => new EncryptionKey(Secret(KeyKind.Curve25519, seed, EncryptionKey.PointLength), isNative: true),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
