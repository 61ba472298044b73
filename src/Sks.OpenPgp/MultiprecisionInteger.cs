using System.Buffers.Binary;

namespace Sks.OpenPgp;

/// <summary>Integers as OpenPGP writes them: a 16-bit bit count, then the bytes, big-endian.</summary>
internal static class MultiprecisionInteger
{
    /// <summary>Takes one integer from the start of <paramref name="input"/>; on failure the input stays as it was.</summary>
    public static bool TryRead(scoped ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (input.Length < 2)
            return false;
        int length = (BinaryPrimitives.ReadUInt16BigEndian(input) + 7) / 8;
        if (input.Length < 2 + length)
            return false;
        value = input.Slice(2, length);
        input = input[(2 + length)..];
        return true;
    }
}
