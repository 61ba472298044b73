using System.Buffers.Binary;
using System.Numerics;

namespace Sks.OpenPgp.Verification;

/// <summary>Reads multiprecision integers one after the other, and notes whether they are written as the standard asks.</summary>
/// <remarks>Source: RFC 9580 section 3.2: the bit count starts at the most significant bit that is set.</remarks>
internal ref struct IntegerReader(ReadOnlySpan<byte> material)
{
    private ReadOnlySpan<byte> _rest = material;

    /// <summary>Whether no integer so far had leading zero bits inside its bit count, or set bits above it.</summary>
    public bool IsCanonical { get; private set; } = true;

    /// <summary>Whether nothing follows.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Takes the next integer: its bytes, big-endian, without leading zeros; empty for zero. False when it is cut short.</summary>
    public bool TryRead(out ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> rest = _rest;
        if (!MultiprecisionInteger.TryRead(ref rest, out value))
            return false;
        value = value.TrimStart((byte)0);
        if (BinaryPrimitives.ReadUInt16BigEndian(_rest) != BitLength(value))
            IsCanonical = false;
        _rest = rest;
        return true;
    }

    /// <summary>What a signature is that verified with the integers read.</summary>
    public readonly SignatureVerdict Accept() =>
        IsCanonical && IsAtEnd ? SignatureVerdict.Valid : SignatureVerdict.ValidNotCanonical;

    private static int BitLength(ReadOnlySpan<byte> value) =>
        value.IsEmpty ? 0 : (value.Length * 8) - BitOperations.LeadingZeroCount(value[0]) + 24;
}
