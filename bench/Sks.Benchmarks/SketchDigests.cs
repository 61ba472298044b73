using System.Security.Cryptography;
using Sks.Reconciliation.Sketches;

namespace Sks.Benchmarks;

/// <summary>Digests of 32 bytes, one after the other, and keys; always the same.</summary>
internal static class SketchDigests
{
    public static byte[] Create(int first, int count)
    {
        var digests = new byte[count * SHA256.HashSizeInBytes];
        for (int i = 0; i < count; i++)
            SHA256.HashData(BitConverter.GetBytes(first + i), digests.AsSpan(i * SHA256.HashSizeInBytes));
        return digests;
    }

    public static SketchKey KeyOf(int link) => SketchKey.Of(SHA256.HashData(BitConverter.GetBytes(link)));
}
