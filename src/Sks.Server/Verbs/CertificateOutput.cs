using System.Text;
using Sks.OpenPgp;
using Sks.Server.CommandLine;
using Certificate = Sks.Keys.V1.Certificate;

namespace Sks.Server.Verbs;

/// <summary>Prints certificates that a node has sent.</summary>
internal static class CertificateOutput
{
    /// <summary>Prints them one behind the other: binary, or as one armored block.</summary>
    public static async Task WriteAsync(IReadOnlyList<Certificate> certificates, bool armored, CancellationToken cancellationToken)
    {
        byte[] data = new byte[certificates.Sum(certificate => certificate.Data.Length)];
        int length = 0;
        foreach (Certificate certificate in certificates)
        {
            certificate.Data.Span.CopyTo(data.AsSpan(length));
            length += certificate.Data.Length;
        }

        if (!armored)
        {
            await Terminal.WriteAsync(data, cancellationToken);
            return;
        }

        byte[] text = new byte[ArmorWriter.GetLength(data.Length)];
        length = ArmorWriter.Write(data, Crc24.Compute(data), text);
        await Terminal.WriteAsync(text.AsMemory(0, length), cancellationToken);
        if (length > 0 && text[length - 1] != '\n')
            Terminal.WriteLine("");
    }

    /// <summary>Prints one JSON object per certificate and line.</summary>
    public static void WriteJson(IEnumerable<Certificate> certificates)
    {
        foreach (Certificate certificate in certificates)
        {
            Terminal.WriteJson(new
            {
                Fingerprint = Convert.ToHexString(certificate.Fingerprint.Span),
                certificate.Version,
                Created = certificate.CreationTime.ToDateTimeOffset(),
                SksDigest = HexText.OfOptional(certificate.SksDigest),
                ContentDigest = HexText.OfOptional(certificate.ContentDigest),
                certificate.PolicyVersion,
                UserIds = ReadUserIds(certificate),
                Data = certificate.Data.ToBase64(),
            });
        }
    }

    private static IReadOnlyList<string> ReadUserIds(Certificate certificate) =>
        CertificateReader.TryRead(certificate.Data.Memory, OpenPgpLimits.Unlimited, out OpenPgp.Certificate packets, out _)
            ? [.. packets.UserIds.Where(user => user.Packet.Tag == PacketTag.UserId).Select(user => Encoding.UTF8.GetString(user.Packet.Span))]
            : [];
}
