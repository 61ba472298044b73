using System.Security.Cryptography;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Parameters;

namespace Sks.OpenPgp.Verification;

/// <summary>A curve that ECDSA may use.</summary>
/// <param name="Domain">Its parameters in the managed library.</param>
/// <param name="Library">Its name in the system's library; null where that cannot be counted on.</param>
internal sealed record EcdsaCurve(ECDomainParameters Domain, ECCurve? Library)
{
    private static readonly Dictionary<string, EcdsaCurve> Known = new()
    {
        ["NIST P-256"] = new(Find("P-256"), ECCurve.NamedCurves.nistP256),
        ["NIST P-384"] = new(Find("P-384"), ECCurve.NamedCurves.nistP384),
        ["NIST P-521"] = new(Find("P-521"), ECCurve.NamedCurves.nistP521),
        ["brainpoolP256r1"] = new(Find("brainpoolP256r1"), null),
        ["brainpoolP384r1"] = new(Find("brainpoolP384r1"), null),
        ["brainpoolP512r1"] = new(Find("brainpoolP512r1"), null),
        ["secp256k1"] = new(Find("secp256k1"), null),
    };

    /// <summary>Bytes of a coordinate.</summary>
    public int FieldLength => Domain.Curve.FieldElementEncodingLength;

    /// <summary>Bytes of the order.</summary>
    public int OrderLength => (Domain.N.BitLength + 7) / 8;

    /// <summary>Parameters of a curve that OpenPGP knows; null when it is not one for ECDSA.</summary>
    public static EcdsaCurve? Find(EllipticCurve? curve) => curve is null ? null : Known.GetValueOrDefault(curve.Name);

    private static ECDomainParameters Find(string name) =>
        new(CustomNamedCurves.GetByName(name) ?? ECNamedCurveTable.GetByName(name));
}
