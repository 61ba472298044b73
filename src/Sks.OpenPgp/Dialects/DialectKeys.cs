using Sks.OpenPgp.Verification;

namespace Sks.OpenPgp;

/// <summary>Which keys the dialects can read. Others are to them as if they were not there.</summary>
internal static class DialectKeys
{
    private const int MaxExponentBytes = 3;
    private const byte Uncompressed = 0x04;
    private const byte Native = 0x40;
    private const int Curve25519Bytes = 32;
    private const int Ed448Bytes = 57;
    private const int X448Bytes = 56;

    private static ReadOnlySpan<byte> X448Oid => [0x2B, 0x65, 0x6F];

    private static ReadOnlySpan<byte> Ed448Oid => [0x2B, 0x65, 0x71];

    /// <summary>Whether a key can be read. Octets behind its material do not matter.</summary>
    public static bool CanRead(PublicKeyPacket key, DialectRules rules)
    {
        ReadOnlySpan<byte> material = key.Material.Span;
        return key.Version switch
        {
            2 or 3 => IsRsa(key.Algorithm) && CanReadRsa(material),
            4 or 6 => CanRead(key, material, rules),
            _ => false,
        };
    }

    /// <summary>Whether a key of an algorithm can sign.</summary>
    public static bool CanSign(PublicKeyAlgorithm algorithm, DialectRules rules) => algorithm switch
    {
        PublicKeyAlgorithm.RsaEncryptOnly or PublicKeyAlgorithm.ElGamal or PublicKeyAlgorithm.Ecdh => false,
        PublicKeyAlgorithm.X25519 or PublicKeyAlgorithm.X448 => !rules.KnowsRfc9980, // 2.3 does not ask
        PublicKeyAlgorithm.MlKem768X25519 or PublicKeyAlgorithm.MlKem1024X448 => false,
        _ => true,
    };

    private static bool IsRsa(PublicKeyAlgorithm algorithm) =>
        algorithm is PublicKeyAlgorithm.Rsa or PublicKeyAlgorithm.RsaEncryptOnly or PublicKeyAlgorithm.RsaSignOnly;

    private static bool CanRead(PublicKeyPacket key, ReadOnlySpan<byte> material, DialectRules rules) => key.Algorithm switch
    {
        PublicKeyAlgorithm.Rsa or PublicKeyAlgorithm.RsaEncryptOnly or PublicKeyAlgorithm.RsaSignOnly => CanReadRsa(material),
        PublicKeyAlgorithm.ElGamal => CountIntegers(material) >= 3,
        PublicKeyAlgorithm.Dsa => CountIntegers(material) >= 4,
        PublicKeyAlgorithm.Ecdsa or PublicKeyAlgorithm.Ecdh or PublicKeyAlgorithm.EdDsaLegacy => CanReadCurve(key, material),
        PublicKeyAlgorithm.X25519 or PublicKeyAlgorithm.Ed25519 => material.Length >= Curve25519Bytes,
        PublicKeyAlgorithm.X448 => material.Length >= X448Bytes,
        PublicKeyAlgorithm.Ed448 => material.Length >= Ed448Bytes,
        PublicKeyAlgorithm.MlKem768X25519 => rules.KnowsRfc9980 && material.Length >= LengthOf(key.Algorithm),
        >= PublicKeyAlgorithm.MlDsa65Ed25519 and <= PublicKeyAlgorithm.MlKem1024X448 =>
            rules.KnowsRfc9980 && key.Version == 6 && material.Length >= LengthOf(key.Algorithm),
        _ => false,
    };

    // Source: RFC 9980 sections 4.2, 5.2 and 6.1.
    private static int LengthOf(PublicKeyAlgorithm algorithm) => algorithm switch
    {
        PublicKeyAlgorithm.MlDsa65Ed25519 => 1952 + Curve25519Bytes,
        PublicKeyAlgorithm.MlDsa87Ed448 => 2592 + Ed448Bytes,
        PublicKeyAlgorithm.SlhDsaShake128s or PublicKeyAlgorithm.SlhDsaShake128f => 32,
        PublicKeyAlgorithm.SlhDsaShake256s => 64,
        PublicKeyAlgorithm.MlKem768X25519 => 1184 + Curve25519Bytes,
        _ => 1568 + X448Bytes,
    };

    private static bool CanReadRsa(ReadOnlySpan<byte> material) =>
        MultiprecisionInteger.TryRead(ref material, out _)
        && MultiprecisionInteger.TryRead(ref material, out ReadOnlySpan<byte> exponent)
        && exponent.Length <= MaxExponentBytes;

    private static int CountIntegers(ReadOnlySpan<byte> material)
    {
        int count = 0;
        while (MultiprecisionInteger.TryRead(ref material, out _))
            count++;
        return count;
    }

    private static bool CanReadCurve(PublicKeyPacket key, ReadOnlySpan<byte> material)
    {
        if (material.IsEmpty || material.Length < 1 + material[0])
            return false;
        ReadOnlySpan<byte> oid = material.Slice(1, material[0]);
        ReadOnlySpan<byte> rest = material[(1 + oid.Length)..];
        return MultiprecisionInteger.TryRead(ref rest, out ReadOnlySpan<byte> point)
            && IsPoint(key, oid, point)
            && (key.Algorithm != PublicKeyAlgorithm.Ecdh || CanReadDerivation(rest));
    }

    private static bool IsPoint(PublicKeyPacket key, ReadOnlySpan<byte> oid, ReadOnlySpan<byte> point)
    {
        bool isEdDsa = key.Algorithm == PublicKeyAlgorithm.EdDsaLegacy;
        EllipticCurve? curve = EllipticCurve.Find(oid);
        if (isEdDsa || curve?.Name == "Curve25519" || oid.SequenceEqual(X448Oid))
        {
            bool isLegacy = curve?.Name == (isEdDsa ? "Ed25519" : "Curve25519");
            bool isLong = oid.SequenceEqual(isEdDsa ? Ed448Oid : X448Oid);
            int length = isLegacy ? Curve25519Bytes : isEdDsa ? Ed448Bytes : X448Bytes;
            return key.Algorithm != PublicKeyAlgorithm.Ecdsa
                && (isLegacy ? key.Version < 6 : isLong)
                && point.Length == 1 + length
                && point[0] == Native;
        }

        return EcdsaCurve.Find(curve) is { } known && IsOnCurve(known, point);
    }

    private static bool IsOnCurve(EcdsaCurve curve, ReadOnlySpan<byte> point)
    {
        if (point.Length != 1 + (2 * curve.FieldLength) || point[0] != Uncompressed)
            return false;
        try
        {
            curve.Domain.Curve.DecodePoint(point.ToArray());
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    // Length, then 1, a hash and a cipher. Source: RFC 9580 section 5.5.5.6.
    private static bool CanReadDerivation(ReadOnlySpan<byte> parameters) =>
        parameters.Length > 3
        && parameters[0] >= 3
        && parameters.Length > parameters[0]
        && parameters[1] == 1
        && parameters[2] is 8 or 9 or 10 or 11 or 12 or 14
        && parameters[3] is 2 or 3 or 7 or 8 or 9;
}
