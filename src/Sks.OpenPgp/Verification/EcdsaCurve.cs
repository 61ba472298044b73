using System.Security.Cryptography;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Parameters;

namespace Sks.OpenPgp.Verification;

/// <summary>A curve that ECDSA may use.</summary>
/// <param name="Domain">Its parameters in the managed library.</param>
/// <param name="Library">Its name in the system's library, which need not know it; null where managed code is as fast.</param>
internal sealed record EcdsaCurve(ECDomainParameters Domain, ECCurve? Library)
{
    // Lazily, as setting up a curve takes milliseconds and most are never met.
    private static readonly Dictionary<string, Lazy<EcdsaCurve>> Known = new()
    {
        ["NIST P-256"] = new(static () => new(Find("P-256"), ECCurve.NamedCurves.nistP256)),
        ["NIST P-384"] = new(static () => new(Find("P-384"), ECCurve.NamedCurves.nistP384)),
        ["NIST P-521"] = new(static () => new(Find("P-521"), ECCurve.NamedCurves.nistP521)),
        ["brainpoolP256r1"] = new(static () => new(Find("brainpoolP256r1"), ECCurve.NamedCurves.brainpoolP256r1)),
        ["brainpoolP384r1"] = new(static () => new(Find("brainpoolP384r1"), ECCurve.NamedCurves.brainpoolP384r1)),
        ["brainpoolP512r1"] = new(static () => new(Find("brainpoolP512r1"), ECCurve.NamedCurves.brainpoolP512r1)),
        ["secp256k1"] = new(static () => new(Find("secp256k1"), null)),
    };

    /// <summary>Bytes of a coordinate.</summary>
    public int FieldLength => Domain.Curve.FieldElementEncodingLength;

    /// <summary>Bytes of the order.</summary>
    public int OrderLength => (Domain.N.BitLength + 7) / 8;

    /// <summary>Parameters of a curve that OpenPGP knows; null when it is not one for ECDSA.</summary>
    public static EcdsaCurve? Find(EllipticCurve? curve) => curve is null ? null : Known.GetValueOrDefault(curve.Name)?.Value;

    private static ECDomainParameters Find(string name) =>
        new(CustomNamedCurves.GetByName(name) ?? ECNamedCurveTable.GetByName(name));
}
