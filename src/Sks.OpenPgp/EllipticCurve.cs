namespace Sks.OpenPgp;

/// <summary>A curve that OpenPGP names by object identifier.</summary>
/// <param name="Name">The name people know.</param>
/// <param name="Bits">The size that indexes show.</param>
public sealed record EllipticCurve(string Name, int Bits)
{
    private static readonly (byte[] Oid, EllipticCurve Curve)[] Known =
    [
        ([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07], new("NIST P-256", 256)),
        ([0x2B, 0x81, 0x04, 0x00, 0x22], new("NIST P-384", 384)),
        ([0x2B, 0x81, 0x04, 0x00, 0x23], new("NIST P-521", 521)),
        ([0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07], new("brainpoolP256r1", 256)),
        ([0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0B], new("brainpoolP384r1", 384)),
        ([0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0D], new("brainpoolP512r1", 512)),
        ([0x2B, 0x81, 0x04, 0x00, 0x0A], new("secp256k1", 256)),
        ([0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01], new("Ed25519", 256)),
        ([0x2B, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01], new("Curve25519", 256)),
    ];

    /// <summary>The curve with this object identifier (its value bytes, without tag and length), or null.</summary>
    public static EllipticCurve? Find(ReadOnlySpan<byte> objectIdentifier)
    {
        foreach ((byte[] oid, EllipticCurve curve) in Known)
        {
            if (objectIdentifier.SequenceEqual(oid))
                return curve;
        }

        return null;
    }
}
