using System.Buffers;
using Sks.LoadHarness.Synthetic;
using Sks.OpenPgp;

namespace Sks.Benchmarks;

/// <summary>Always the same certificates: small ones made up, large ones from Debian's keyring where it is installed.</summary>
public static class Corpus
{
    private const int Seed = 1;
    private const int SmallCount = 1000;
    private const int LargeCount = 200;
    private const string DebianKeyring = "/usr/share/keyrings/debian-keyring.gpg";

    /// <summary>The names that <see cref="Read"/> takes.</summary>
    public static IEnumerable<string> Names => File.Exists(DebianKeyring) ? ["small", "debian"] : ["small"];

    /// <summary>A keyring.</summary>
    public static byte[] Read(string name)
    {
        if (name == "debian")
            return File.ReadAllBytes(DebianKeyring);
        using var keyring = new MemoryStream();
        new SyntheticKeyring(Seed).Write(keyring, 0, SmallCount);
        return keyring.ToArray();
    }

    /// <summary>The first certificates of a keyring.</summary>
    public static Certificate[] Parse(string name) => [.. Split(Read(name)).Take(LargeCount).Select(Parse)];

    /// <summary>A keyring, cut into certificates.</summary>
    public static List<ReadOnlyMemory<byte>> Split(byte[] keyring)
    {
        List<ReadOnlyMemory<byte>> certificates = [];
        var splitter = new KeyringSplitter(OpenPgpLimits.Unlimited);
        int offset = 0;
        while (splitter.TryRead(keyring.AsSpan(offset), isFinal: true, out KeyringExtent extent) == OperationStatus.Done)
        {
            if (extent.CertificateLength > 0)
                certificates.Add(keyring.AsMemory(offset, extent.CertificateLength));
            offset += extent.Length;
        }

        return certificates;
    }

    /// <summary>What is to be stored of a certificate that is new.</summary>
    public static CertificateViews Examine(Certificate certificate)
    {
        using var examination = new CertificateExamination(certificate.PrimaryKey);
        examination.Add(certificate);
        return CertificateViews.Of(examination, certificate, [CleanViewPolicy.Current])!;
    }

    /// <summary>One certificate.</summary>
    public static Certificate Parse(ReadOnlyMemory<byte> bytes) =>
        CertificateReader.TryRead(bytes, OpenPgpLimits.Unlimited, out Certificate certificate, out ParseError error)
            ? certificate
            : throw new InvalidDataException($"The corpus holds something that is no certificate: {error.Code}.");
}
