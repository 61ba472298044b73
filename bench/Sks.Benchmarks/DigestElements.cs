using System.Security.Cryptography;
using Sks.Reconciliation;

namespace Sks.Benchmarks;

/// <summary>Elements scattered as digests are, always the same.</summary>
internal static class DigestElements
{
    public static IEnumerable<Element> Create(int count) =>
        Enumerable.Range(0, count).Select(static number => Element.Read(SHA256.HashData(BitConverter.GetBytes(number))));
}
