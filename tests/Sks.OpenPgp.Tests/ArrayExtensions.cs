namespace Sks.OpenPgp.Tests;

internal static class ArrayExtensions
{
    /// <summary>The same array with one byte changed.</summary>
    public static byte[] With(this byte[] bytes, int index, byte value)
    {
        bytes[index] = value;
        return bytes;
    }
}
