using System.Buffers.Binary;
using System.Buffers.Text;

namespace Sks.OpenPgp;

/// <summary>Writes ASCII armor as SKS does: no header lines, 72 characters a line, CRC line, plus a newline at the end.</summary>
/// <remarks>
/// The CRC line is not optional here: without it GnuPG 2.2 fails an import whose binary length is a multiple of three.
/// </remarks>
public static class ArmorWriter
{
    private const int BytesPerLine = 54;
    private const int CharactersPerLine = 72;
    private const int CrcLineLength = 6;

    private static ReadOnlySpan<byte> Begin => "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n"u8;

    private static ReadOnlySpan<byte> End => "-----END PGP PUBLIC KEY BLOCK-----\n"u8;

    /// <summary>Bytes that the armor of <paramref name="dataLength"/> bytes takes.</summary>
    public static int GetLength(int dataLength)
    {
        int fullLines = dataLength / BytesPerLine;
        int rest = dataLength % BytesPerLine;
        int restLength = rest == 0 ? 0 : Base64.GetMaxEncodedToUtf8Length(rest) + 1;
        return checked(Begin.Length + (fullLines * (CharactersPerLine + 1)) + restLength + CrcLineLength + End.Length);
    }

    /// <summary>Writes one public key block.</summary>
    /// <param name="data">Binary certificates.</param>
    /// <param name="crc24"><see cref="Crc24.Compute"/> of <paramref name="data"/>.</param>
    /// <param name="destination">At least <see cref="GetLength"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(ReadOnlySpan<byte> data, uint crc24, Span<byte> destination)
    {
        Span<byte> rest = destination;
        Append(ref rest, Begin);
        while (!data.IsEmpty)
        {
            ReadOnlySpan<byte> line = data[..Math.Min(BytesPerLine, data.Length)];
            Base64.EncodeToUtf8(line, rest, out _, out int written);
            rest[written] = (byte)'\n';
            rest = rest[(written + 1)..];
            data = data[line.Length..];
        }

        Span<byte> crc = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(crc, crc24);
        rest[0] = (byte)'=';
        Base64.EncodeToUtf8(crc[1..], rest[1..], out _, out _);
        rest[CrcLineLength - 1] = (byte)'\n';
        rest = rest[CrcLineLength..];
        Append(ref rest, End);
        return destination.Length - rest.Length;
    }

    private static void Append(ref Span<byte> destination, ReadOnlySpan<byte> text)
    {
        text.CopyTo(destination);
        destination = destination[text.Length..];
    }
}
