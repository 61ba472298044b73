using System.Numerics;
using System.Security.Cryptography;

namespace Sks.OpenPgp.Verification;

/// <summary>An RSA key; signatures are RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.2).</summary>
/// <remarks>
/// The whole encoded message is compared, so there is one signature representative for each digest. The modulus may have any number of
/// bits up to <see cref="MaxModulusBits"/>; one too short for the hash verifies nothing. An even modulus, and an exponent that is even
/// or 1 (with which anyone can sign), make a key unusable. So does anything behind the two integers.
/// </remarks>
internal sealed class RsaKey : VerificationKey
{
    /// <summary>Most bits of a modulus: what gpg and OpenSSL take.</summary>
    public const int MaxModulusBits = 16384;

    /// <summary>Most bits of an exponent; keys tuned to a wanted fingerprint have up to 32.</summary>
    public const int MaxExponentBits = 64;

    /// <summary>Moduli above this many bits take exponents of at most <see cref="MaxExponentBitsOfLongKeys"/>.</summary>
    public const int LongKeyBits = 8192;

    /// <summary>Most bits of an exponent of a long key: 65537 and below. It bounds one verification to some milliseconds.</summary>
    public const int MaxExponentBitsOfLongKeys = 17;

    // Importing a key into the system's library costs as much as verifying a short one a few times by our own arithmetic.
    private const int MinLibraryBits = 2048;

    private const int PaddingOverhead = 11;

    private readonly OddModulus _modulus;
    private readonly byte[] _modulusBytes;
    private readonly byte[] _exponentBytes;
    private readonly ulong _exponent;
    private RSA? _library;
    private bool _isLibraryUnusable;

    private RsaKey(OddModulus modulus, ReadOnlySpan<byte> modulusBytes, ReadOnlySpan<byte> exponentBytes, Libraries libraries)
    {
        _modulus = modulus;
        _modulusBytes = modulusBytes.ToArray();
        _exponentBytes = exponentBytes.ToArray();
        foreach (byte digit in exponentBytes)
            _exponent = (_exponent << 8) | digit;
        _isLibraryUnusable = libraries == Libraries.Managed || modulus.BitLength < MinLibraryBits;
    }

    /// <inheritdoc/>
    protected override int MinDigestLength => 0;

    /// <summary>Imports modulus and exponent.</summary>
    public static RsaKey? TryImport(ReadOnlySpan<byte> material, Libraries libraries)
    {
        var reader = new IntegerReader(material);
        if (!reader.TryRead(out ReadOnlySpan<byte> modulus) || !reader.TryRead(out ReadOnlySpan<byte> exponent) || !reader.IsAtEnd
            || modulus.Length > MaxModulusBits / 8
            || exponent.Length is 0 or > MaxExponentBits / 8 || (exponent[^1] & 1) == 0 || exponent is [1])
        {
            return null;
        }

        OddModulus? odd = OddModulus.TryCreate(modulus);
        if (odd is null)
            return null;
        var key = new RsaKey(odd, modulus, exponent, libraries);
        return odd.BitLength > LongKeyBits && key._exponent >> MaxExponentBitsOfLongKeys != 0 ? null : key;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _library?.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override bool Fits(PublicKeyAlgorithm algorithm) =>
        algorithm is PublicKeyAlgorithm.Rsa or PublicKeyAlgorithm.RsaSignOnly;

    /// <inheritdoc/>
    protected override SignatureVerdict Verify(SignatureHash hash, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> material)
    {
        var reader = new IntegerReader(material);
        Span<ulong> signature = stackalloc ulong[_modulus.Limbs];
        return reader.TryRead(out ReadOnlySpan<byte> bytes)
            && _modulus.TryLoad(bytes, signature)
            && RsaDigestInfo.GetPrefix(hash).Length + digest.Length + PaddingOverhead <= _modulusBytes.Length
            && (VerifyWithLibrary(hash, digest, bytes) || VerifyByArithmetic(hash, digest, signature))
                ? reader.Accept()
                : SignatureVerdict.Invalid;
    }

    // Its yes means what ours does. Its no may be the system's policy (SHA-1) or a bound of its own (sizes).
    private bool VerifyWithLibrary(SignatureHash hash, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        HashAlgorithmName? name = hash switch
        {
            SignatureHash.Sha1 => HashAlgorithmName.SHA1,
            SignatureHash.Sha256 => HashAlgorithmName.SHA256,
            SignatureHash.Sha384 => HashAlgorithmName.SHA384,
            SignatureHash.Sha512 => HashAlgorithmName.SHA512,
            _ => null,
        };
        if (name is null || _isLibraryUnusable)
            return false;

        Span<byte> padded = stackalloc byte[_modulusBytes.Length];
        padded.Clear();
        signature.CopyTo(padded[^signature.Length..]);
        try
        {
            _library ??= RSA.Create(new RSAParameters { Modulus = _modulusBytes, Exponent = _exponentBytes });
            return _library.VerifyHash(digest, padded, name.Value, RSASignaturePadding.Pkcs1);
        }
        catch (Exception exception) when (exception is CryptographicException or PlatformNotSupportedException)
        {
            _isLibraryUnusable = _library is null;
            return false;
        }
    }

    private bool VerifyByArithmetic(SignatureHash hash, ReadOnlySpan<byte> digest, ReadOnlySpan<ulong> signature)
    {
        Span<ulong> power = stackalloc ulong[_modulus.Limbs];
        Span<ulong> number = stackalloc ulong[_modulus.Limbs];
        _modulus.Enter(signature, number);
        number.CopyTo(power);

        // The exponent is odd, so the last factor is the plain signature, and takes R out again.
        for (int bit = BitOperations.Log2(_exponent) - 1; bit >= 0; bit--)
        {
            _modulus.Multiply(power, power, power);
            if (bit == 0)
                _modulus.Multiply(power, signature, power);
            else if ((_exponent >> bit & 1) != 0)
                _modulus.Multiply(power, number, power);
        }

        Span<byte> message = stackalloc byte[_modulusBytes.Length];
        OddModulus.Store(power, message);
        ReadOnlySpan<byte> prefix = RsaDigestInfo.GetPrefix(hash);
        int separator = message.Length - digest.Length - prefix.Length - 1;
        return message[0] == 0 && message[1] == 1 && message[separator] == 0
            && message[2..separator].IndexOfAnyExcept((byte)0xFF) < 0
            && message[(separator + 1)..^digest.Length].SequenceEqual(prefix)
            && message[^digest.Length..].SequenceEqual(digest);
    }
}
