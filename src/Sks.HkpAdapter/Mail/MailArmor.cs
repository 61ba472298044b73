using System.Buffers.Text;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Mail;

/// <summary>Finds armored keys in the text of a mail and decodes them.</summary>
/// <remarks>
/// Blocks may be indented, quoted with <c>&gt;</c>, dash-escaped, without checksum and without an empty line behind their headers; SKS takes none of these.
/// A checksum that does not fit refuses the block, as in SKS: mail systems do damage text. Signatures are passed over, because signed
/// mails have one; a colon before the armor guards a revocation against being published by mistake, and such a block is passed over too.
/// </remarks>
internal sealed class MailArmor
{
    private const int QuantumLength = 4;
    private const int ChecksumLength = 3;
    private const int MaxBlocks = 1000;

    /// <summary>Decoded blocks, in the order of the mail.</summary>
    public List<byte[]> Blocks { get; } = [];

    /// <summary>What is wrong with the first block that was refused, see <see cref="MailRejection"/>; null when none was.</summary>
    public string? Failure { get; private set; }

    /// <summary>Blocks that were refused.</summary>
    public int Failures { get; private set; }

    /// <summary>Reads the text of one part. A block without an END line ends with the text.</summary>
    public void Read(ReadOnlySpan<byte> text)
    {
        byte[]? base64 = null;
        bool inBlock = false;
        int length = 0;
        bool inHeaders = false;
        ReadOnlySpan<byte> checksum = default;
        foreach (Range range in text.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = Unwrap(text[range]);
            bool begins = line.StartsWith("-----BEGIN PGP "u8);
            if (inBlock && line.StartsWith("-----"u8))
            {
                Decode(base64.AsSpan(0, length), checksum);
                inBlock = false;
            }

            if (begins && line.StartsWith("-----BEGIN PGP PRIVATE KEY BLOCK"u8))
                Refuse(MailRejection.SecretKey);
            if (begins && line.StartsWith("-----BEGIN PGP PUBLIC KEY BLOCK"u8))
            {
                base64 ??= new byte[text.Length - range.Start.Value];
                (length, inBlock, inHeaders) = (0, true, true);
                checksum = default;
                continue;
            }

            if (!inBlock || !checksum.IsEmpty)
                continue;
            if (inHeaders)
            {
                inHeaders = line.Contains((byte)':');
                if (inHeaders || line.IsEmpty)
                    continue;
            }

            if (line is [(byte)'=', _, ..] && length % QuantumLength == 0)
            {
                checksum = line[1..];
                continue;
            }

            line.CopyTo(base64.AsSpan(length));
            length += line.Length;
        }

        if (inBlock)
            Decode(base64.AsSpan(0, length), checksum);
    }

    // Neither blanks nor '>' are base64, and no armor line begins with them.
    private static ReadOnlySpan<byte> Unwrap(ReadOnlySpan<byte> line)
    {
        line = line.Trim(" \t\r\u00A0"u8).TrimStart("> \t"u8);
        return line.StartsWith("- -----"u8) ? line[2..] : line;
    }

    private void Decode(Span<byte> base64, ReadOnlySpan<byte> checksum)
    {
        if (Base64.DecodeFromUtf8InPlace(base64, out int written) != System.Buffers.OperationStatus.Done || written == 0)
        {
            Refuse(MailRejection.BadArmor);
            return;
        }

        Span<byte> sum = stackalloc byte[ChecksumLength + 1];
        bool isWrong = !checksum.IsEmpty
            && (checksum.Length != QuantumLength
                || Base64.DecodeFromUtf8(checksum, sum, out _, out int sumLength) != System.Buffers.OperationStatus.Done
                || sumLength != ChecksumLength
                || ((uint)sum[0] << 16 | (uint)sum[1] << 8 | sum[2]) != Crc24.Compute(base64[..written]));
        if (isWrong)
            Refuse(MailRejection.BadChecksum);
        else if (Blocks.Count == MaxBlocks)
            Refuse(MailRejection.TooComplex);
        else
            Blocks.Add(base64[..written].ToArray());
    }

    private void Refuse(string reason)
    {
        Failures++;
        if (Failure is null || reason == MailRejection.SecretKey)
            Failure = reason;
    }
}
