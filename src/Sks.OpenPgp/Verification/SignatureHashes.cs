using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;

namespace Sks.OpenPgp.Verification;

/// <summary>The hash algorithms of signatures, computed over data in one piece.</summary>
/// <remarks>.NET has no SHA-224 and no RIPEMD-160 on any platform, and SHA-3 only on some: the managed library computes those.</remarks>
internal static class SignatureHashes
{
    /// <summary>Bytes of the longest digest.</summary>
    public const int MaxLength = 64;

    /// <summary>Bytes of a digest; 0 for an unknown algorithm.</summary>
    public static int GetLength(SignatureHash algorithm) => algorithm switch
    {
        SignatureHash.Md5 => 16,
        SignatureHash.Sha1 or SignatureHash.RipeMd160 => 20,
        SignatureHash.Sha224 => 28,
        SignatureHash.Sha256 or SignatureHash.Sha3Of256 => 32,
        SignatureHash.Sha384 => 48,
        SignatureHash.Sha512 or SignatureHash.Sha3Of512 => 64,
        _ => 0,
    };

    /// <summary>Writes the digest of <paramref name="data"/> to the start of <paramref name="destination"/>.</summary>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <returns>Bytes written; 0 for an unknown algorithm.</returns>
    public static int Compute(SignatureHash algorithm, ReadOnlySpan<byte> data, Span<byte> destination) => algorithm switch
    {
        SignatureHash.Md5 => MD5.HashData(data, destination),
        SignatureHash.Sha1 => SHA1.HashData(data, destination),
        SignatureHash.RipeMd160 => Compute(new RipeMD160Digest(), data, destination),
        SignatureHash.Sha224 => Compute(new Sha224Digest(), data, destination),
        SignatureHash.Sha256 => SHA256.HashData(data, destination),
        SignatureHash.Sha384 => SHA384.HashData(data, destination),
        SignatureHash.Sha512 => SHA512.HashData(data, destination),
        SignatureHash.Sha3Of256 when SHA3_256.IsSupported => SHA3_256.HashData(data, destination),
        SignatureHash.Sha3Of256 => Compute(new Sha3Digest(256), data, destination),
        SignatureHash.Sha3Of512 when SHA3_512.IsSupported => SHA3_512.HashData(data, destination),
        SignatureHash.Sha3Of512 => Compute(new Sha3Digest(512), data, destination),
        _ => 0,
    };

    private static int Compute(IDigest digest, ReadOnlySpan<byte> data, Span<byte> destination)
    {
        digest.BlockUpdate(data);
        return digest.DoFinal(destination);
    }
}
