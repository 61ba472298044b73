using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Sks.Reconciliation;

/// <summary>A number modulo the 129-bit prime 530512889551602322505127520352579437339, in which SKS reconciles.</summary>
/// <remarks>
/// Held in Montgomery form with R = 2^128: two limbs and one bit, always below the prime, so that equal numbers have equal limbs. Nothing but
/// <see cref="InvertAll"/> of many and <see cref="ToString"/> allocates.
/// </remarks>
public readonly partial struct FieldElement : IEquatable<FieldElement>
{
    /// <summary>Bytes on the wire: little-endian.</summary>
    public const int Length = 17;

    private readonly ulong _low;
    private readonly ulong _high;
    private readonly ulong _top;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private FieldElement(ulong low, ulong high, ulong top)
    {
        _low = low;
        _high = high;
        _top = top;
    }

    /// <summary>0.</summary>
    public static FieldElement Zero => default;

    /// <summary>1.</summary>
    public static FieldElement One => new(0, 0, 1); // R is below the prime: it is its own remainder.

    /// <summary>Whether it is 0.</summary>
    public bool IsZero => (_low | _high | _top) == 0;

    /// <summary>The number that stands for an element: its bytes read little-endian.</summary>
    public static FieldElement From(Element element)
    {
        UInt128 number = BinaryPrimitives.ReverseEndianness(element.Value);
        return FromPlain(new((ulong)number, (ulong)(number >> 64), 0));
    }

    /// <summary>A small number, which may be negative.</summary>
    public static FieldElement From(int number)
    {
        FieldElement magnitude = FromPlain(new((ulong)Math.Abs((long)number), 0, 0));
        return number < 0 ? Zero - magnitude : magnitude;
    }

    /// <summary>Reads the first 17 bytes of <paramref name="source"/>, little-endian; false when the number is not below the prime.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out FieldElement value)
    {
        var plain = new FieldElement(
            BinaryPrimitives.ReadUInt64LittleEndian(source), BinaryPrimitives.ReadUInt64LittleEndian(source[8..]), source[16]);
        bool isBelow = plain._top != P2 ? plain._top < P2 : plain._high != P1 ? plain._high < P1 : plain._low < P0;
        value = isBelow ? FromPlain(plain) : default;
        return isBelow;
    }

    /// <summary>The element that the number stands for; false when it is 2^128 or greater, which none does.</summary>
    public bool TryGetElement(out Element element)
    {
        FieldElement plain = ToPlain();
        element = new Element(BinaryPrimitives.ReverseEndianness(new UInt128(plain._high, plain._low)));
        return plain._top == 0;
    }

    /// <summary>Writes 17 bytes, little-endian.</summary>
    public void Write(Span<byte> destination)
    {
        FieldElement plain = ToPlain();
        destination[16] = (byte)plain._top;
        BinaryPrimitives.WriteUInt64LittleEndian(destination, plain._low);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], plain._high);
    }

    /// <summary>Whether both are the same number.</summary>
    public static bool operator ==(FieldElement left, FieldElement right) => left.Equals(right);

    /// <summary>Whether they are different numbers.</summary>
    public static bool operator !=(FieldElement left, FieldElement right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(FieldElement other) => ((_low ^ other._low) | (_high ^ other._high) | (_top ^ other._top)) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FieldElement other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_low, _high);

    /// <summary>The number in decimal digits.</summary>
    public override string ToString()
    {
        FieldElement plain = ToPlain();
        return (((System.Numerics.BigInteger)plain._top << 128) + new UInt128(plain._high, plain._low)).ToString(null, null);
    }

    private static FieldElement FromPlain(FieldElement plain) => plain * new FieldElement(Square0, Square1, 0);

    private FieldElement ToPlain() => this * new FieldElement(1, 0, 0);
}
