using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Sks.OpenPgp.Verification;

namespace Sks.TestSupport.Signing;

/// <summary>The hash algorithms of signatures: digests, their names in PKCS #1, their salt sizes. Source: RFC 9580 section 9.5.</summary>
internal static class SignatureDigest
{
    /// <summary>The digest of some bytes.</summary>
    public static byte[] Compute(SignatureHash hash, byte[] data) => hash switch
    {
        SignatureHash.Md5 => MD5.HashData(data),
        SignatureHash.Sha1 => SHA1.HashData(data),
        SignatureHash.RipeMd160 => Compute(new RipeMD160Digest(), data),
        SignatureHash.Sha224 => Compute(new Sha224Digest(), data),
        SignatureHash.Sha256 => SHA256.HashData(data),
        SignatureHash.Sha384 => SHA384.HashData(data),
        SignatureHash.Sha512 => SHA512.HashData(data),
        SignatureHash.Sha3Of256 => Compute(new Sha3Digest(256), data),
        SignatureHash.Sha3Of512 => Compute(new Sha3Digest(512), data),
        _ => throw new ArgumentOutOfRangeException(nameof(hash)),
    };

    /// <summary>Bytes of a version 6 signature's salt.</summary>
    public static int SaltLength(SignatureHash hash) => hash switch
    {
        SignatureHash.Sha384 => 24,
        SignatureHash.Sha512 or SignatureHash.Sha3Of512 => 32,
        _ => 16,
    };

    /// <summary>What PKCS #1 v1.5 puts before a digest: DER of the algorithm and the digest's length.</summary>
    public static byte[] InfoPrefix(SignatureHash hash)
    {
        (byte[] oid, byte length) = ((byte[], byte))(hash switch
        {
            SignatureHash.Md5 => ([0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x05], 16),
            SignatureHash.Sha1 => ([0x2B, 0x0E, 0x03, 0x02, 0x1A], 20),
            SignatureHash.RipeMd160 => ([0x2B, 0x24, 0x03, 0x02, 0x01], 20),
            SignatureHash.Sha224 => (Nist(4), 28),
            SignatureHash.Sha256 => (Nist(1), 32),
            SignatureHash.Sha384 => (Nist(2), 48),
            SignatureHash.Sha512 => (Nist(3), 64),
            SignatureHash.Sha3Of256 => (Nist(8), 32),
            SignatureHash.Sha3Of512 => (Nist(10), 64),
            _ => throw new ArgumentOutOfRangeException(nameof(hash)),
        });
        byte[] algorithm = [0x06, (byte)oid.Length, .. oid, 0x05, 0x00];
        return [0x30, (byte)(algorithm.Length + length + 4), 0x30, (byte)algorithm.Length, .. algorithm, 0x04, length];
    }

    private static byte[] Nist(byte number) => [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, number];

    private static byte[] Compute(IDigest digest, byte[] data)
    {
        var result = new byte[digest.GetDigestSize()];
        digest.BlockUpdate(data, 0, data.Length);
        digest.DoFinal(result, 0);
        return result;
    }
}
