using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using BigInteger = Org.BouncyCastle.Math.BigInteger;

namespace Sks.OpenPgp.Verification;

/// <summary>An ECDSA key (FIPS 186-5 section 6.4.2) over a curve of prime order.</summary>
/// <remarks>
/// The point is uncompressed, as RFC 9580 section 11.2.1 asks, and on the curve. RFC 9580 section 5.2.3.2 asks for a hash as long as
/// the curve's field, 512 bits for P-521, and to reject shorter ones; gpg does. A longer digest is cut to the leftmost bits of the
/// order.
/// </remarks>
internal sealed class EcdsaKey : VerificationKey
{
    private const byte Uncompressed = 4;

    private readonly EcdsaCurve _curve;
    private readonly ECPublicKeyParameters _point;
    private readonly ECDsa? _library;

    private EcdsaKey(EcdsaCurve curve, ECPublicKeyParameters point, ECDsa? library)
    {
        _curve = curve;
        _point = point;
        _library = library;
    }

    /// <inheritdoc/>
    protected override int MinDigestLength => Math.Min(_curve.FieldLength, SignatureHashes.MaxLength);

    /// <summary>Imports the curve's object identifier and the point.</summary>
    public static EcdsaKey? TryImport(EllipticCurve? named, ReadOnlySpan<byte> material, Libraries libraries)
    {
        if (EcdsaCurve.Find(named) is not { } curve)
            return null;
        var reader = new IntegerReader(material[(1 + material[0])..]);
        if (!reader.TryRead(out ReadOnlySpan<byte> encoded) || !reader.IsAtEnd
            || encoded.Length != 1 + (2 * curve.FieldLength) || encoded[0] != Uncompressed)
        {
            return null;
        }

        try
        {
            var point = new ECPublicKeyParameters(curve.Domain.Curve.DecodePoint(encoded.ToArray()), curve.Domain);
            return new EcdsaKey(curve, point, libraries == Libraries.System ? TryCreateLibraryKey(curve, encoded[1..]) : null);
        }
        catch (ArgumentException)
        {
            // A coordinate not below the field's prime, or a point beside the curve.
            return null;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _library?.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override bool Fits(PublicKeyAlgorithm algorithm) => algorithm == PublicKeyAlgorithm.Ecdsa;

    /// <inheritdoc/>
    protected override SignatureVerdict Verify(SignatureHash hash, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> material)
    {
        int length = _curve.OrderLength;
        Span<byte> signature = stackalloc byte[2 * length];
        signature.Clear();
        var reader = new IntegerReader(material);
        return TryReadScalar(ref reader, signature[..length], out BigInteger? r)
            && TryReadScalar(ref reader, signature[length..], out BigInteger? s)
            && (VerifyWithLibrary(digest, signature) || VerifyByArithmetic(digest, r, s))
                ? reader.Accept()
                : SignatureVerdict.Invalid;
    }

    private static ECDsa? TryCreateLibraryKey(EcdsaCurve curve, ReadOnlySpan<byte> coordinates)
    {
        if (curve.Library is not { } named)
            return null;
        var point = new ECPoint
        {
            X = coordinates[..curve.FieldLength].ToArray(),
            Y = coordinates[curve.FieldLength..].ToArray(),
        };
        try
        {
            return ECDsa.Create(new ECParameters { Curve = named, Q = point });
        }
        catch (Exception exception) when (exception is CryptographicException or PlatformNotSupportedException)
        {
            return null;
        }
    }

    // 0 < value < order
    private bool TryReadScalar(ref IntegerReader reader, scoped Span<byte> padded, [NotNullWhen(true)] out BigInteger? value)
    {
        value = null;
        if (!reader.TryRead(out ReadOnlySpan<byte> bytes) || bytes.IsEmpty || bytes.Length > padded.Length)
            return false;
        bytes.CopyTo(padded[^bytes.Length..]);
        value = new BigInteger(1, bytes);
        return value.CompareTo(_curve.Domain.N) < 0;
    }

    // Its yes means what ours does; its no may be a policy's.
    private bool VerifyWithLibrary(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        try
        {
            return _library is not null && _library.VerifyHash(digest, signature);
        }
        catch (Exception exception) when (exception is CryptographicException or PlatformNotSupportedException)
        {
            return false;
        }
    }

    private bool VerifyByArithmetic(ReadOnlySpan<byte> digest, BigInteger r, BigInteger s)
    {
        var verifier = new ECDsaSigner();
        verifier.Init(forSigning: false, _point);
        return verifier.VerifySignature(digest.ToArray(), r, s);
    }
}
