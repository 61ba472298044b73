using System.Buffers;
using System.Globalization;
using System.Text;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Http;

/// <summary>The index for machines: <c>options=mr</c>.</summary>
/// <remarks>
/// <code>
/// info:1:COUNT
/// pub:ID:ALGORITHM:BITS:CREATED:EXPIRES:FLAGS
/// uid:USER-ID:CREATED:EXPIRES:FLAGS
/// </code>
/// ID is the fingerprint, for version 3 keys the key ID. Everything but letters, digits and <c>-._~</c> in a user ID is
/// percent-encoded, which every reader understands and which lets no user ID break out of its line. Unlike SKS there are no
/// lines for attributes. Source: draft-ietf-openpgp-hkp.
/// </remarks>
internal static class MachineIndex
{
    /// <summary>Writes an index.</summary>
    public static ReadOnlyMemory<byte> Write(IReadOnlyList<IndexEntry> certificates)
    {
        var output = new ArrayBufferWriter<byte>(256 * (1 + certificates.Count));
        Append(output, $"info:1:{certificates.Count}\n");
        foreach (IndexEntry certificate in certificates)
        {
            PublicKeyPacket key = certificate.PrimaryKey;
            string id = key.Version < 4 ? key.KeyId.ToString() : key.Fingerprint.ToString();
            string bits = key.BitLength == 0 ? "" : key.BitLength.ToString(CultureInfo.InvariantCulture);
            CertificateStatus status = certificate.Status;
            string flags = Flags(certificate.IsRevoked, status.IsExpired);
            Append(output, $"pub:{id}:{(byte)key.Algorithm}:{bits}:{key.CreationTime}:{status.Expires}:{flags}\n");

            foreach (UserIdStatus userId in status.UserIds)
            {
                if (userId.IsAttribute)
                    continue;
                output.Write("uid:"u8);
                PercentEncode(userId.Component.Packet.Span, output);
                Append(output, $":{userId.Created}:{userId.Expires}:{Flags(userId.IsRevoked, userId.IsExpired)}\n");
            }
        }

        return output.WrittenMemory;
    }

    /// <summary>Percent-encodes every byte but letters, digits and <c>-._~</c>, with upper-case digits.</summary>
    public static void PercentEncode(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        ReadOnlySpan<byte> digits = "0123456789ABCDEF"u8;
        Span<byte> destination = output.GetSpan(3 * text.Length + 1);
        int written = 0;
        foreach (byte value in text)
        {
            if (char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
            {
                destination[written++] = value;
                continue;
            }

            destination[written++] = (byte)'%';
            destination[written++] = digits[value >> 4];
            destination[written++] = digits[value & 0xF];
        }

        output.Advance(written);
    }

    private static string Flags(bool isRevoked, bool isExpired) => (isRevoked ? "r" : "") + (isExpired ? "e" : "");

    private static void Append(ArrayBufferWriter<byte> output, FormattableString text) =>
        Encoding.ASCII.GetBytes(text.ToString(CultureInfo.InvariantCulture), output);
}
