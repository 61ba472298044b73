using System.Buffers;
using System.IO.Pipelines;
using Sks.Node;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.HkpAdapter.Http;

/// <summary>Certificates on their way to a client: joined, armored or not, without a copy of the whole.</summary>
internal readonly struct KeyMaterial
{
    // Whole lines, so that only the last piece ends in a short one. About 64 KiB of armor.
    private const int PieceLength = ArmorWriter.BytesPerLine * 900;
    private const int DirectLength = 256 * 1024;

    private readonly ReadOnlyMemory<byte> _single;
    private readonly ReadOnlyMemory<byte>[]? _several;
    private readonly uint _crc24;

    private KeyMaterial(ReadOnlyMemory<byte> single, ReadOnlyMemory<byte>[]? several, uint crc24, long length)
    {
        _single = single;
        _several = several;
        _crc24 = crc24;
        Length = length;
    }

    /// <summary>Binary bytes.</summary>
    public long Length { get; }

    /// <summary>Bytes with armor.</summary>
    public long ArmoredLength => ArmorWriter.GetLength(Length);

    /// <summary>Takes certificates.</summary>
    /// <param name="certificates">At least one; what is sent is the view they were asked for in.</param>
    /// <exception cref="StorageException">A record is damaged.</exception>
    public static KeyMaterial Of(IReadOnlyList<ServedCertificate> certificates)
    {
        if (certificates is [ServedCertificate only])
        {
            StoredView view = only.View;
            return view.SliceCount == 1
                ? new KeyMaterial(view.GetSlice(0), null, view.Crc24, view.Length)
                : new KeyMaterial(default, Slice(certificates), view.Crc24, view.Length);
        }

        ReadOnlyMemory<byte>[] slices = Slice(certificates);
        uint sum = Crc24.Empty;
        long length = 0;
        foreach (ReadOnlyMemory<byte> slice in slices)
        {
            sum = Crc24.Append(sum, slice.Span);
            length += slice.Length;
        }

        return new KeyMaterial(default, slices, sum, length);
    }

    /// <summary>Writes one armored block of <see cref="ArmoredLength"/> bytes.</summary>
    public ValueTask WriteArmoredAsync(PipeWriter output)
    {
        if (_several is not null || _single.Length > DirectLength)
            return WriteArmoredPiecesAsync(output);

        // The common case: encoded straight into the connection's buffer.
        int length = (int)ArmoredLength;
        ArmorWriter.Write(_single.Span, _crc24, output.GetSpan(length));
        output.Advance(length);
        ValueTask<FlushResult> flushed = output.FlushAsync();
        return flushed.IsCompletedSuccessfully ? ValueTask.CompletedTask : new ValueTask(flushed.AsTask());
    }

    /// <summary>Writes <see cref="Length"/> bytes.</summary>
    public async ValueTask WriteBinaryAsync(PipeWriter output)
    {
        foreach (ReadOnlyMemory<byte> segment in _several ?? [_single])
        {
            for (int at = 0; at < segment.Length; at += PieceLength)
                await output.WriteAsync(segment.Slice(at, Math.Min(PieceLength, segment.Length - at)));
        }
    }

    private async ValueTask WriteArmoredPiecesAsync(PipeWriter output)
    {
        output.Write(ArmorWriter.Begin);
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceLength);
        try
        {
            int filled = 0;
            foreach (ReadOnlyMemory<byte> segment in _several ?? [_single])
            {
                for (int at = 0; at < segment.Length;)
                {
                    int count = Math.Min(PieceLength - filled, segment.Length - at);
                    segment.Span.Slice(at, count).CopyTo(piece.AsSpan(filled));
                    at += count;
                    filled += count;
                    if (filled < PieceLength)
                        continue;

                    WriteLines(output, piece.AsSpan(0, filled));
                    filled = 0;
                    await output.FlushAsync();
                }
            }

            WriteLines(output, piece.AsSpan(0, filled));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }

        // Once a part was flushed, the web server flushes nothing by itself at the end of the request.
        output.Advance(ArmorWriter.WriteEnd(_crc24, output.GetSpan(ArmorWriter.EndLength)));
        await output.FlushAsync();
    }

    private static ReadOnlyMemory<byte>[] Slice(IReadOnlyList<ServedCertificate> certificates)
    {
        var slices = new ReadOnlyMemory<byte>[certificates.Sum(static certificate => certificate.View.SliceCount)];
        int next = 0;
        foreach (ServedCertificate certificate in certificates)
        {
            for (int i = 0; i < certificate.View.SliceCount; i++)
                slices[next++] = certificate.View.GetSlice(i);
        }

        return slices;
    }

    private static void WriteLines(PipeWriter output, ReadOnlySpan<byte> data)
    {
        int length = (int)ArmorWriter.GetLinesLength(data.Length);
        output.Advance(ArmorWriter.WriteLines(data, output.GetSpan(length)));
    }
}
