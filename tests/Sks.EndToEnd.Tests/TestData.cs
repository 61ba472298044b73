using Sks.OpenPgp;

namespace Sks.EndToEnd.Tests;

/// <summary>Certificates to work with, and what is in a keyring.</summary>
internal static class TestData
{
    /// <summary>260 real certificates.</summary>
    public static string DebianKeyring => Checkout.Combine("tests", "testdata", "keyhash", "keys-debian-260.pgp");

    /// <summary>Six certificates of versions 2 and 3.</summary>
    public static string OldKeyring => Checkout.Combine("tests", "testdata", "keyhash", "keys-synthetic-v2v3.pgp");

    /// <summary>A dump by a real SKS, eight certificates in two files.</summary>
    public static string SksDump => Checkout.Combine("tests", "testdata", "dump");

    /// <summary>The archive of a store that an earlier release wrote; see its README.</summary>
    public static string StoreOfFormat1 => Checkout.Combine("tests", "testdata", "stores", "format-1.tar.gz");

    /// <summary>What of a certificate is proven.</summary>
    public static Certificate CleanView(Certificate certificate)
    {
        using var examination = new CertificateExamination(certificate.PrimaryKey);
        examination.Add(certificate);
        return examination.Select(CleanViewPolicy.Current).Certificate ?? throw new InvalidOperationException("Nothing is proven.");
    }

    /// <summary>The digests of all certificates in some binary keyrings, in ascending order.</summary>
    public static IReadOnlyList<string> Digests(params IEnumerable<string> files) =>
        [.. files.SelectMany(Read).Select(certificate => certificate.Digest.ToString()).Order(StringComparer.Ordinal)];

    /// <summary>The certificates of a binary keyring, each in its own bytes.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Split(string file) => Split((ReadOnlyMemory<byte>)File.ReadAllBytes(file));

    /// <summary>The certificates in some bytes, each in its own.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> rest)
    {
        var splitter = new KeyringSplitter(OpenPgpLimits.Unlimited);
        while (splitter.TryRead(rest.Span, isFinal: true, out KeyringExtent extent) == System.Buffers.OperationStatus.Done)
        {
            Assert.Equal(ParseErrorCode.None, extent.Error);
            yield return rest[..extent.CertificateLength];
            rest = rest[extent.Length..];
        }
    }

    /// <summary>The certificates of a binary keyring.</summary>
    public static IEnumerable<Certificate> Read(string file)
    {
        foreach (ReadOnlyMemory<byte> bytes in Split(file))
        {
            Assert.True(CertificateReader.TryRead(bytes, OpenPgpLimits.Unlimited, out Certificate certificate, out _));
            yield return certificate;
        }
    }

    /// <summary>A binary keyring as text.</summary>
    public static byte[] Armor(ReadOnlySpan<byte> keyring)
    {
        byte[] text = new byte[ArmorWriter.GetLength(keyring.Length)];
        return text[..ArmorWriter.Write(keyring, Crc24.Compute(keyring), text)];
    }
}
