using System.Numerics;

namespace Sks.OpenPgp.Verification;

/// <summary>A DSA key (FIPS 186-4 section 4.7), verified by our own arithmetic alone.</summary>
/// <remarks>
/// Bounds on q are gpg's: whole bytes, at least 160 bits. System libraries differ in the sizes they take and macOS has none.
/// RFC 9580 section 5.2.3.2: a digest longer than q is cut to its leftmost bits, a shorter one does not sign; gpg agrees.
/// </remarks>
internal sealed class DsaKey : VerificationKey
{
    /// <summary>Most bits of p. It bounds one verification to some milliseconds; gpg makes at most 3072.</summary>
    public const int MaxPrimeBits = 4096;

    /// <summary>Least bits of q.</summary>
    public const int MinOrderBits = 160;

    /// <summary>Most bits of q.</summary>
    public const int MaxOrderBits = 256;

    // Exponents are taken two bits at a time, both at once: 16 products of powers of g and y.
    private const int WindowBits = 2;
    private const int WindowMask = 3;

    private readonly OddModulus _prime;
    private readonly OddModulus _order;
    private readonly BigInteger _orderValue;
    private readonly ulong[] _orderLessTwo;
    private readonly byte[] _generator;
    private readonly byte[] _point;
    private ulong[]? _products;

    private DsaKey(OddModulus prime, OddModulus order, ReadOnlySpan<byte> orderBytes, byte[] generator, byte[] point)
    {
        _prime = prime;
        _order = order;
        _orderValue = new BigInteger(orderBytes, isUnsigned: true, isBigEndian: true);
        _orderLessTwo = new ulong[order.Limbs];
        order.TryLoad((_orderValue - 2).ToByteArray(isUnsigned: true, isBigEndian: true), _orderLessTwo);
        _generator = generator;
        _point = point;
    }

    /// <inheritdoc/>
    protected override int MinDigestLength => _order.BitLength / 8;

    /// <summary>Imports p, q, g and y.</summary>
    public static DsaKey? TryImport(ReadOnlySpan<byte> material)
    {
        var reader = new IntegerReader(material);
        if (!reader.TryRead(out ReadOnlySpan<byte> p) || !reader.TryRead(out ReadOnlySpan<byte> q)
            || !reader.TryRead(out ReadOnlySpan<byte> g) || !reader.TryRead(out ReadOnlySpan<byte> y) || !reader.IsAtEnd
            || p.Length > MaxPrimeBits / 8 || q.Length is < MinOrderBits / 8 or > MaxOrderBits / 8 || q.Length > p.Length)
        {
            return null;
        }

        if (OddModulus.TryCreate(p) is not { } prime || OddModulus.TryCreate(q) is not { } order || order.BitLength % 8 != 0)
            return null;
        return IsElement(prime, g) && IsElement(prime, y) ? new DsaKey(prime, order, q, g.ToArray(), y.ToArray()) : null;
    }

    /// <inheritdoc/>
    protected override bool Fits(PublicKeyAlgorithm algorithm) => algorithm == PublicKeyAlgorithm.Dsa;

    /// <inheritdoc/>
    protected override SignatureVerdict Verify(SignatureHash hash, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> material)
    {
        int limbs = _order.Limbs;
        Span<ulong> r = stackalloc ulong[limbs];
        Span<ulong> s = stackalloc ulong[limbs];
        var reader = new IntegerReader(material);
        if (!reader.TryRead(out ReadOnlySpan<byte> rBytes) || rBytes.IsEmpty || !_order.TryLoad(rBytes, r)
            || !reader.TryRead(out ReadOnlySpan<byte> sBytes) || sBytes.IsEmpty || !_order.TryLoad(sBytes, s))
        {
            return SignatureVerdict.Invalid;
        }

        Span<ulong> inverse = stackalloc ulong[limbs];
        if (!TryInvert(s, inverse))
            return SignatureVerdict.Invalid;

        // The digest may exceed q, but not the limbs of q.
        Span<ulong> u1 = stackalloc ulong[limbs];
        Span<ulong> u2 = stackalloc ulong[limbs];
        _order.TryLoad(digest[..(_order.BitLength / 8)], u1);
        _order.Multiply(u1, inverse, u1);
        _order.Multiply(r, inverse, u2);
        return Combine(u1, u2) % _orderValue == new BigInteger(rBytes, isUnsigned: true, isBigEndian: true)
            ? reader.Accept()
            : SignatureVerdict.Invalid;
    }

    private static bool IsElement(OddModulus prime, ReadOnlySpan<byte> bytes)
    {
        Span<ulong> number = stackalloc ulong[prime.Limbs];
        return prime.TryLoad(bytes, number) && !bytes.IsEmpty && bytes is not [1];
    }

    // s^(q-2), held with R. Where q is no prime that need not be the inverse, and then nothing verifies.
    private bool TryInvert(ReadOnlySpan<ulong> s, Span<ulong> inverse)
    {
        Span<ulong> number = stackalloc ulong[s.Length];
        _order.Enter(s, number);
        _order.Power(number, _orderLessTwo, inverse);
        _order.Multiply(inverse, s, number);
        return number[0] == 1 && number[1..].IndexOfAnyExcept(0UL) < 0;
    }

    // g^u1 · y^u2 mod p
    private BigInteger Combine(ReadOnlySpan<ulong> u1, ReadOnlySpan<ulong> u2)
    {
        int limbs = _prime.Limbs;
        ulong[] products = _products ??= CreateProducts();
        Span<ulong> result = stackalloc ulong[limbs];
        products.AsSpan(0, limbs).CopyTo(result);
        for (int bit = _order.BitLength - WindowBits; bit >= 0; bit -= WindowBits)
        {
            for (int i = 0; i < WindowBits; i++)
                _prime.Multiply(result, result, result);
            int index = (Window(u1, bit) << WindowBits) | Window(u2, bit);
            if (index != 0)
                _prime.Multiply(result, products.AsSpan(index * limbs, limbs), result);
        }

        Span<ulong> one = stackalloc ulong[limbs];
        one.Clear();
        one[0] = 1;
        _prime.Multiply(result, one, result);
        Span<byte> bytes = stackalloc byte[8 * limbs];
        OddModulus.Store(result, bytes);
        return new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
    }

    private static int Window(ReadOnlySpan<ulong> exponent, int bit) => (int)(exponent[bit / 64] >> (bit % 64)) & WindowMask;

    // At i·4 + j: g^i · y^j, held with R.
    private ulong[] CreateProducts()
    {
        int limbs = _prime.Limbs;
        var products = new ulong[(1 << (2 * WindowBits)) * limbs];
        Span<ulong> At(int index) => products.AsSpan(index * limbs, limbs);

        Span<ulong> number = stackalloc ulong[limbs];
        number.Clear();
        number[0] = 1;
        _prime.Enter(number, At(0));
        _prime.TryLoad(_point, number);
        _prime.Enter(number, At(1));
        _prime.TryLoad(_generator, number);
        _prime.Enter(number, At(1 << WindowBits));
        for (int i = 0; i <= WindowMask; i++)
        {
            int row = i << WindowBits;
            if (i > 1)
                _prime.Multiply(At(row - (1 << WindowBits)), At(1 << WindowBits), At(row));
            for (int j = 1; j <= WindowMask; j++)
                _prime.Multiply(At(row + j - 1), At(1), At(row + j));
        }

        return products;
    }
}
