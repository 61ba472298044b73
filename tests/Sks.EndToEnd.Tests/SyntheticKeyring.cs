using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

/// <summary>Keyrings of many small certificates that cost little to make.</summary>
internal static class SyntheticKeyring
{
    /// <summary>Writes a keyring.</summary>
    /// <param name="path">The file.</param>
    /// <param name="firstSeed">Seed of the first certificate; the others follow.</param>
    /// <param name="count">How many.</param>
    /// <returns>The path.</returns>
    public static string Write(string path, int firstSeed, int count) =>
        Write(path, Enumerable.Range(firstSeed, count).Select(static seed => new CertificateBuilder(seed).SignedUserId($"Number {seed}").Build()));

    /// <summary>Writes a keyring of given certificates.</summary>
    /// <returns>The path.</returns>
    public static string Write(string path, IEnumerable<byte[]> certificates)
    {
        using FileStream stream = File.Create(path);
        foreach (byte[] certificate in certificates)
            stream.Write(certificate);
        return path;
    }
}
