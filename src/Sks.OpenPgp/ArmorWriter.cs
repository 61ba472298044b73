using System.Buffers.Binary;
using System.Buffers.Text;

namespace Sks.OpenPgp;

/// <summary>Writes ASCII armor as SKS does: no header lines, 72 characters a line, CRC line, plus a newline at the end.</summary>
/// <remarks>
/// The CRC line is not optional here: without it GnuPG 2.2 fails an import whose binary length is a multiple of three.
/// </remarks>
public static class ArmorWriter
{
    /// <summary>Binary bytes that one line holds.</summary>
    public const int BytesPerLine = 54;

    /// <summary>Bytes that a full line takes, its end included.</summary>
    public const int LineLength = 73;

    private const int CrcLineLength = 6;

    /// <summary>What stands before the first line.</summary>
    public static ReadOnlySpan<byte> Begin => "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n"u8;

    /// <summary>Bytes that <see cref="WriteEnd"/> writes.</summary>
    public static int EndLength => CrcLineLength + End.Length;

    private static ReadOnlySpan<byte> End => "-----END PGP PUBLIC KEY BLOCK-----\n"u8;

    /// <summary>Bytes that the armor of <paramref name="dataLength"/> bytes takes.</summary>
    /// <exception cref="OverflowException">More than one array can hold.</exception>
    public static int GetLength(int dataLength) => checked((int)GetLength((long)dataLength));

    /// <summary>Bytes that the armor of <paramref name="dataLength"/> bytes takes.</summary>
    public static long GetLength(long dataLength) => Begin.Length + GetLinesLength(dataLength) + EndLength;

    /// <summary>Bytes that <see cref="WriteLines"/> writes for <paramref name="dataLength"/> bytes.</summary>
    public static long GetLinesLength(long dataLength)
    {
        (long fullLines, long rest) = Math.DivRem(dataLength, BytesPerLine);
        return (fullLines * LineLength) + (rest == 0 ? 0 : Base64.GetMaxEncodedToUtf8Length((int)rest) + 1);
    }

    /// <summary>Writes one public key block.</summary>
    /// <param name="data">Binary certificates.</param>
    /// <param name="crc24"><see cref="Crc24.Compute"/> of <paramref name="data"/>.</param>
    /// <param name="destination">At least <see cref="GetLength(int)"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(ReadOnlySpan<byte> data, uint crc24, Span<byte> destination)
    {
        Begin.CopyTo(destination);
        int written = Begin.Length;
        written += WriteLines(data, destination[written..]);
        return written + WriteEnd(crc24, destination[written..]);
    }

    /// <summary>Writes a stretch of a block. All but the last must be whole lines: a multiple of <see cref="BytesPerLine"/>.</summary>
    /// <returns>Bytes written.</returns>
    public static int WriteLines(ReadOnlySpan<byte> data, Span<byte> destination)
    {
        int total = 0;
        while (!data.IsEmpty)
        {
            ReadOnlySpan<byte> line = data[..Math.Min(BytesPerLine, data.Length)];
            Base64.EncodeToUtf8(line, destination[total..], out _, out int written);
            destination[total + written] = (byte)'\n';
            total += written + 1;
            data = data[line.Length..];
        }

        return total;
    }

    /// <summary>Writes what stands behind the last line.</summary>
    /// <returns>Bytes written.</returns>
    public static int WriteEnd(uint crc24, Span<byte> destination)
    {
        Span<byte> crc = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(crc, crc24);
        destination[0] = (byte)'=';
        Base64.EncodeToUtf8(crc[1..], destination[1..], out _, out _);
        destination[CrcLineLength - 1] = (byte)'\n';
        End.CopyTo(destination[CrcLineLength..]);
        return EndLength;
    }
}
