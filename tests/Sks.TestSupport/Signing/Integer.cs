using System.Numerics;

namespace Sks.TestSupport.Signing;

/// <summary>Integers as OpenPGP writes them, a bit count in two bytes and the bytes big-endian; and as it should not.</summary>
internal static class Integer
{
    /// <summary>Leading zero bits left out.</summary>
    public static byte[] Write(byte[] number)
    {
        byte[] bytes = Bytes(Value(number));
        int bits = (int)Value(bytes).GetBitLength();
        return Counted(bits, bytes);
    }

    /// <summary>A zero byte in front, counted.</summary>
    public static byte[] WriteWithLeadingZeroByte(byte[] number)
    {
        byte[] bytes = Bytes(Value(number));
        return Counted((int)Value(bytes).GetBitLength() + 8, [0, .. bytes]);
    }

    /// <summary>A bit count that differs from the right one and needs as many bytes.</summary>
    public static byte[] WriteWithWrongBitCount(byte[] number)
    {
        byte[] bytes = Bytes(Value(number));
        bool isFull = Value(bytes).GetBitLength() == 8 * bytes.Length;
        return Counted((8 * bytes.Length) - (isFull ? 1 : 0), bytes);
    }

    /// <summary>A number from its big-endian bytes.</summary>
    public static BigInteger Value(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    /// <summary>The big-endian bytes of a number, as few as there can be; none for 0.</summary>
    public static byte[] Bytes(BigInteger value) => value.IsZero ? [] : value.ToByteArray(isUnsigned: true, isBigEndian: true);

    private static byte[] Counted(int bits, byte[] bytes) => [(byte)(bits >> 8), (byte)bits, .. bytes];
}
