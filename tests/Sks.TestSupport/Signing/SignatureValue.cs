using System.Diagnostics;
using System.Numerics;

namespace Sks.TestSupport.Signing;

/// <summary>The numbers of a signature before they are written.</summary>
/// <param name="Numbers">Unsigned integers, big-endian, of any length; or one native value of a fixed length.</param>
/// <param name="IsNative">Whether the value is written as it is instead of as integers.</param>
/// <param name="Order">Of the group, where there is one.</param>
/// <param name="IsLittleEndian">Whether the second half of the native bytes, or the second number, is little-endian as EdDSA has it.</param>
internal sealed record SignatureValue(byte[][] Numbers, bool IsNative, BigInteger? Order, bool IsLittleEndian)
{
    /// <summary>The bytes that end a signature packet.</summary>
    /// <exception cref="ArgumentException">This algorithm has no such form.</exception>
    public byte[] Write(SignatureForm form) => form switch
    {
        SignatureForm.Canonical => Write(Integer.Write),
        SignatureForm.Corrupted => WithLast(static last => [.. last[..^1], (byte)(last[^1] ^ 1)]).Write(Integer.Write),
        SignatureForm.Zero => (this with { Numbers = [.. Numbers.Select(static number => new byte[number.Length])] }).Write(Integer.Write),
        SignatureForm.LeadingZeroByte when !IsNative => Write(Integer.WriteWithLeadingZeroByte),
        SignatureForm.WrongBitCount when !IsNative => Write(Integer.WriteWithWrongBitCount),
        SignatureForm.TrailingByte => [.. Write(Integer.Write), 0],
        SignatureForm.NegatedS when Order is { } order && !IsLittleEndian =>
            WithLast(s => Integer.Bytes(order - Integer.Value(s))).Write(Integer.Write),
        SignatureForm.AboveOrder when Order is { } order => WithLast(s => Add(s, order)).Write(Integer.Write),
        _ => throw new ArgumentException($"No {form} with this algorithm.", nameof(form)),
    };

    private byte[] Write(Func<byte[], byte[]> writeInteger) =>
        IsNative ? Numbers[0] : [.. Numbers.SelectMany(writeInteger)];

    private SignatureValue WithLast(Func<byte[], byte[]> change) => this with { Numbers = [.. Numbers[..^1], change(Numbers[^1])] };

    private byte[] Add(byte[] number, BigInteger order)
    {
        if (!IsLittleEndian)
            return Integer.Bytes(Integer.Value(number) + order);
        int start = IsNative ? number.Length / 2 : 0;
        BigInteger sum = new BigInteger(number.AsSpan(start), isUnsigned: true) + order;
        var bytes = new byte[number.Length - start];
        return sum.TryWriteBytes(bytes, out _, isUnsigned: true) ? [.. number[..start], .. bytes] : throw new UnreachableException();
    }
}
