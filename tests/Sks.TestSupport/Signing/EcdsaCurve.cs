using Sks.OpenPgp.Verification;

namespace Sks.TestSupport.Signing;

/// <summary>A curve for ECDSA. Source: RFC 9580 section 9.2.</summary>
/// <param name="Name">As the library calls it.</param>
/// <param name="Oid">Value of its object identifier.</param>
/// <param name="Hash">What signatures hash with when nobody says otherwise.</param>
internal sealed record EcdsaCurve(string Name, byte[] Oid, SignatureHash Hash)
{
    public static readonly EcdsaCurve P256 = new("P-256", [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07], SignatureHash.Sha256);

    public static readonly EcdsaCurve P384 = new("P-384", [0x2B, 0x81, 0x04, 0x00, 0x22], SignatureHash.Sha384);

    public static readonly EcdsaCurve BrainpoolP256 =
        new("brainpoolP256r1", [0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07], SignatureHash.Sha256);

    public static readonly EcdsaCurve Secp256k1 = new("secp256k1", [0x2B, 0x81, 0x04, 0x00, 0x0A], SignatureHash.Sha256);
}
