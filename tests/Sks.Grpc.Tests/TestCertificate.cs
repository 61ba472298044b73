using System.Globalization;
using Sks.OpenPgp;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.Grpc.Tests;

/// <summary>A small version 4 certificate made up from a number, really signed.</summary>
internal sealed class TestCertificate
{
    private const int Start = 1_577_836_800;
    private const int KeyPairs = 256;

    private TestCertificate(byte[] data)
    {
        Data = data;
        Certificate = CertificateReader.TryRead(data, OpenPgpLimits.Unlimited, out Certificate certificate, out ParseError error)
            ? certificate
            : throw new InvalidOperationException(error.ToString());
    }

    public byte[] Data { get; }

    public Certificate Certificate { get; }

    public byte[] Fingerprint => Certificate.Identity.Fingerprint.Span.ToArray();

    public byte[] KeyId => Fingerprint[^8..];

    public byte[] Digest
    {
        get
        {
            var bytes = new byte[SksDigest.Length];
            Certificate.Digest.Write(bytes);
            return bytes;
        }
    }

    /// <summary>A key that claims to have been made <paramref name="number"/> seconds after the start of 2020.</summary>
    /// <param name="number">Which one; other numbers are other keys.</param>
    /// <param name="userIds">Its user IDs; one that names the number when there are none.</param>
    public static TestCertificate Create(int number, params string[] userIds)
    {
        if (userIds.Length == 0)
            userIds = [string.Create(CultureInfo.InvariantCulture, $"Number {number} <number{number}@example.org>")];

        SigningKey key = CreateKey(number);
        var certificate = new SignedCertificate(key);
        foreach (string userId in userIds)
            certificate.UserId(userId).Certify(spec => spec.At(key.CreationTime));
        return new TestCertificate(certificate.Build());
    }

    /// <summary>One keyring of <paramref name="count"/> certificates with consecutive numbers.</summary>
    public static byte[] CreateKeyring(int firstNumber, int count) =>
        [.. Enumerable.Range(firstNumber, count).SelectMany(static number => Create(number).Data)];

    /// <summary>Bytes that are a secret key, as far as its framing tells.</summary>
    public static byte[] CreateSecretKey(int number) =>
    [
        .. TestPackets.Frame(PacketTag.SecretKey, [.. CreateKey(number).Body, 0, 0, 8, 1, 0, 0]),
        .. TestPackets.Frame(PacketTag.UserId, "secret"u8),
    ];

    private static SigningKey CreateKey(int number) => new((int)((uint)number % KeyPairs), creationTime: (uint)(Start + number));
}
