using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace Sks.OpenPgp.Verification;

/// <summary>The equation of Ed25519 (RFC 8032 section 5.1.7) without the cofactor, in plain integers: where libsodium is missing.</summary>
/// <remarks>
/// Some milliseconds each. Points are extended coordinates (section 5.1.4). What is canonical and in range is checked before.
/// </remarks>
internal static class Ed25519Arithmetic
{
    private const int Length = Ed25519Point.PointLength;

    private static readonly BigInteger Prime = (BigInteger.One << 255) - 19;
    private static readonly BigInteger Order =
        (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493", CultureInfo.InvariantCulture);

    private static readonly BigInteger D = Modulo(-121665 * Invert(121666));
    private static readonly BigInteger RootOfMinusOne = BigInteger.ModPow(2, (Prime - 1) / 4, Prime);
    private static readonly Point Neutral = new(0, 1, 1, 0);
    private static readonly Point Base = FromAffine(Recover(Modulo(4 * Invert(5)), isOdd: false)!.Value, Modulo(4 * Invert(5)));

    /// <summary>Whether the encoding is that of a point.</summary>
    public static bool IsPoint(ReadOnlySpan<byte> encoded) => Decode(encoded) is not null;

    /// <summary>Whether the encoding of S·B − h·A is R.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (Decode(publicKey) is not { } a)
            return false;
        byte[] hash = SHA512.HashData([.. signature[..Length], .. publicKey, .. message]);
        BigInteger h = new BigInteger(hash, isUnsigned: true) % Order;
        var s = new BigInteger(signature[Length..], isUnsigned: true);
        var negated = new Point(Modulo(-a.X), a.Y, a.Z, Modulo(-a.T));
        return Encode(Add(Multiply(s, Base), Multiply(h, negated))).SequenceEqual(signature[..Length]);
    }

    private static BigInteger Modulo(BigInteger value)
    {
        BigInteger remainder = value % Prime;
        return remainder.Sign < 0 ? remainder + Prime : remainder;
    }

    private static BigInteger Invert(BigInteger value) => BigInteger.ModPow(value, Prime - 2, Prime);

    private static Point FromAffine(BigInteger x, BigInteger y) => new(x, y, 1, Modulo(x * y));

    private static Point? Decode(ReadOnlySpan<byte> encoded)
    {
        var value = new BigInteger(encoded, isUnsigned: true);
        BigInteger sign = value >> 255;
        BigInteger y = value - (sign << 255);
        return Recover(y, isOdd: !sign.IsZero) is { } x ? FromAffine(x, y) : null;
    }

    // x² = (y² - 1) / (d·y² + 1), section 5.1.3.
    private static BigInteger? Recover(BigInteger y, bool isOdd)
    {
        BigInteger square = Modulo(((y * y) - 1) * Invert(Modulo((D * y * y) + 1)));
        BigInteger x = BigInteger.ModPow(square, (Prime + 3) / 8, Prime);
        if (Modulo(x * x) != square)
            x = Modulo(x * RootOfMinusOne);
        if (Modulo(x * x) != square || (x.IsZero && isOdd))
            return null;
        return x.IsEven == isOdd ? Prime - x : x;
    }

    private static byte[] Encode(Point point)
    {
        BigInteger inverse = Invert(point.Z);
        BigInteger x = Modulo(point.X * inverse);
        BigInteger y = Modulo(point.Y * inverse);
        var encoded = new byte[Length];
        y.TryWriteBytes(encoded, out _, isUnsigned: true);
        encoded[^1] |= (byte)(x.IsEven ? 0 : 0x80);
        return encoded;
    }

    private static Point Add(Point p, Point q)
    {
        BigInteger a = (p.Y - p.X) * (q.Y - q.X);
        BigInteger b = (p.Y + p.X) * (q.Y + q.X);
        BigInteger c = Modulo(2 * p.T * q.T) * D;
        BigInteger d = 2 * p.Z * q.Z;
        BigInteger e = Modulo(b - a);
        BigInteger f = Modulo(d - c);
        BigInteger g = Modulo(d + c);
        BigInteger h = Modulo(b + a);
        return new Point(Modulo(e * f), Modulo(g * h), Modulo(f * g), Modulo(e * h));
    }

    private static Point Multiply(BigInteger scalar, Point point)
    {
        Point result = Neutral;
        for (long bit = scalar.GetBitLength() - 1; bit >= 0; bit--)
        {
            result = Add(result, result);
            if (!(scalar >> (int)bit).IsEven)
                result = Add(result, point);
        }

        return result;
    }

    private readonly record struct Point(BigInteger X, BigInteger Y, BigInteger Z, BigInteger T);
}
