using System.Collections.Concurrent;
using System.Numerics;
using Sks.OpenPgp;
using Sks.OpenPgp.Verification;

namespace Sks.TestSupport.Signing;

/// <summary>RSA with 2,048 bits: a modulus for each pair of primes, then other exponents. Signs by PKCS #1 v1.5, plainly.</summary>
/// <remarks>By hand, so that it neither depends on what the system's library forbids (MD5, SHA-1) nor shares a mistake with it.</remarks>
internal sealed class RsaKeyPair : KeyPair
{
    private const int ModulusLength = 256;
    private const int FirstExponent = 65_537;

    private static readonly BigInteger[] Primes =
    [
        .. KeyNumbers.RsaPrimes.ReplaceLineEndings("").Chunk(ModulusLength)
            .Select(static digits => Integer.Value(Convert.FromHexString(digits))),
    ];

    private static readonly (int First, int Second)[] Pairs =
    [
        .. Enumerable.Range(0, Primes.Length).SelectMany(static i => Enumerable.Range(0, i).Select(j => (i, j))),
    ];

    // Slow by hand, and asked for the same again and again by random tests.
    private readonly ConcurrentDictionary<string, SignatureValue> _made = new();
    private readonly BigInteger _p;
    private readonly BigInteger _q;
    private readonly BigInteger _exponentOfP;
    private readonly BigInteger _exponentOfQ;
    private readonly BigInteger _inverseOfQ;

    public RsaKeyPair(int seed)
    {
        (int first, int second) = Pairs[(int)((uint)seed % Pairs.Length)];
        (_p, _q) = (Primes[first], Primes[second]);
        BigInteger order = (_p - 1) * (_q - 1);
        BigInteger exponent = FirstExponent + (2 * ((uint)seed / Pairs.Length));
        while (!BigInteger.GreatestCommonDivisor(exponent, order).IsOne)
            exponent += 2;
        BigInteger secret = Inverse(exponent, order);
        (_exponentOfP, _exponentOfQ, _inverseOfQ) = (secret % (_p - 1), secret % (_q - 1), Inverse(_q, _p));
        Material = [.. Integer.Write(Integer.Bytes(_p * _q)), .. Integer.Write(Integer.Bytes(exponent))];
    }

    /// <inheritdoc/>
    public override PublicKeyAlgorithm Algorithm => PublicKeyAlgorithm.Rsa;

    /// <inheritdoc/>
    public override byte[] Material { get; }

    /// <inheritdoc/>
    public override SignatureValue Sign(SignatureHash hash, byte[] digest) =>
        _made.GetOrAdd($"{hash} {Convert.ToHexString(digest)}", _ => Make(hash, digest));

    private SignatureValue Make(SignatureHash hash, byte[] digest)
    {
        byte[] info = [.. SignatureDigest.InfoPrefix(hash), .. digest];
        byte[] padded = [0, 1, .. Enumerable.Repeat((byte)0xFF, ModulusLength - 3 - info.Length), 0, .. info];
        BigInteger message = Integer.Value(padded);
        // The Chinese remainder theorem, Garner's way.
        BigInteger byP = BigInteger.ModPow(message, _exponentOfP, _p);
        BigInteger byQ = BigInteger.ModPow(message, _exponentOfQ, _q);
        BigInteger height = (byP - byQ) * _inverseOfQ % _p;
        BigInteger value = byQ + ((height.Sign < 0 ? height + _p : height) * _q);
        return new SignatureValue([Integer.Bytes(value)], IsNative: false, _p * _q, IsLittleEndian: false);
    }

    private static BigInteger Inverse(BigInteger value, BigInteger modulus)
    {
        (BigInteger old, BigInteger current) = (value % modulus, modulus);
        (BigInteger oldFactor, BigInteger factor) = (BigInteger.One, BigInteger.Zero);
        while (!current.IsZero)
        {
            BigInteger quotient = old / current;
            (old, current) = (current, old - (quotient * current));
            (oldFactor, factor) = (factor, oldFactor - (quotient * factor));
        }

        return oldFactor.Sign < 0 ? oldFactor + modulus : oldFactor;
    }
}
