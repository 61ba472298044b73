using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using Sks.OpenPgp;

namespace Sks.LoadHarness.Load;

/// <summary>HKP requests for the certificates of a keyring, made before the clock runs.</summary>
internal sealed class HkpRequests(IReadOnlyList<ReadOnlyMemory<byte>> certificates)
{
    private const int MixStep = 7919;

    /// <summary>How many certificates there are.</summary>
    public int Count => certificates.Count;

    /// <summary>For the certificates of a binary keyring.</summary>
    public static HkpRequests Read(string keyring) => new(Split(keyring));

    /// <summary>Cuts a binary keyring into certificates.</summary>
    public static List<ReadOnlyMemory<byte>> Split(string keyring)
    {
        byte[] bytes = File.ReadAllBytes(keyring);
        List<ReadOnlyMemory<byte>> certificates = [];
        var splitter = new KeyringSplitter(OpenPgpLimits.Unlimited);
        int offset = 0;
        while (splitter.TryRead(bytes.AsSpan(offset), isFinal: true, out KeyringExtent extent) == OperationStatus.Done)
        {
            if (extent.CertificateLength > 0)
                certificates.Add(bytes.AsMemory(offset, extent.CertificateLength));
            offset += extent.Length;
        }

        return certificates;
    }

    /// <summary>Paths that get one certificate each, by fingerprint.</summary>
    public string[] GetPaths() => [.. certificates.Select(static c => $"/pks/lookup?op=get&options=mr&search=0x{FingerprintOf(c)}")];

    /// <summary>Requests that get one certificate each; in an order that is not the keyring's.</summary>
    /// <param name="closes">Whether each is to be the only one of its connection.</param>
    public byte[][] Gets(bool closes)
    {
        string[] paths = GetPaths();
        string connection = closes ? "Connection: close\r\n" : "";
        return
        [
            .. paths.Select((_, i) => Encoding.ASCII.GetBytes(
                $"GET {paths[(long)i * MixStep % paths.Length]} HTTP/1.1\r\nHost: localhost\r\n{connection}\r\n")),
        ];
    }

    /// <summary>Requests that add one certificate each.</summary>
    public byte[][] Adds() => [.. certificates.Select(Add)];

    private static byte[] Add(ReadOnlyMemory<byte> certificate)
    {
        var armor = new byte[ArmorWriter.GetLength(certificate.Length)];
        ArmorWriter.Write(certificate.Span, Crc24.Compute(certificate.Span), armor);
        byte[] body = Encoding.ASCII.GetBytes("keytext=" + WebUtility.UrlEncode(Encoding.ASCII.GetString(armor)));
        string head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST /pks/add HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {body.Length}\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    private static Fingerprint FingerprintOf(ReadOnlyMemory<byte> certificate) =>
        CertificateReader.TryRead(certificate, OpenPgpLimits.Unlimited, out Certificate parsed, out ParseError error)
            ? parsed.PrimaryKey.Fingerprint
            : throw new InvalidDataException($"The keyring holds something that is no certificate: {error.Code}.");
}
