using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Sks.HkpAdapter.Http;

namespace Sks.HkpAdapter.Recon;

/// <summary>Reads the answer to a hash query as it arrives, one certificate at a time.</summary>
/// <param name="body">The answer: count, then per certificate its length and its packets. What follows is not read.</param>
/// <param name="maxCount">The most certificates that an answer can have.</param>
/// <param name="maxCertificateBytes">What is longer is passed over.</param>
/// <param name="maxBytes">An answer with more bytes is broken off.</param>
internal sealed class HashQueryAnswer(Stream body, int maxCount, int maxCertificateBytes, long maxBytes)
{
    private const int PieceLength = 64 * 1024;

    /// <summary>Bytes read so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>The certificates. A claimed length takes no memory before bytes arrive.</summary>
    /// <exception cref="IOException">The answer ends too early, claims more than was asked for, or is too long.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        uint count = await ReadNumberAsync(cancellationToken).ConfigureAwait(false);
        if (count > (uint)maxCount)
            throw new IOException($"the peer announced {count} certificates where {maxCount} were asked for");
        for (uint i = 0; i < count; i++)
        {
            uint length = await ReadNumberAsync(cancellationToken).ConfigureAwait(false);
            if (Bytes + length > maxBytes)
                throw new IOException($"the peer's answer has more than {maxBytes} bytes");
            if (await ReadAsync(length, isKept: length <= (uint)maxCertificateBytes, cancellationToken).ConfigureAwait(false) is { } certificate)
                yield return certificate;
        }
    }

    private async Task<uint> ReadNumberAsync(CancellationToken cancellationToken)
    {
        byte[] number = new byte[HashQuery.NumberLength];
        await ReadExactlyAsync(number, cancellationToken).ConfigureAwait(false);
        return BinaryPrimitives.ReadUInt32BigEndian(number);
    }

    // Null when the bytes are passed over.
    private async Task<byte[]?> ReadAsync(uint length, bool isKept, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[Math.Min(length, PieceLength)];
        for (long done = 0; done < length;)
        {
            int offset = isKept ? (int)done : 0;
            if (offset == bytes.Length)
                Array.Resize(ref bytes, (int)Math.Min(length, 2L * bytes.Length));
            int piece = (int)Math.Min(bytes.Length - offset, length - done);
            await ReadExactlyAsync(bytes.AsMemory(offset, piece), cancellationToken).ConfigureAwait(false);
            done += piece;
        }

        return isKept ? bytes : null;
    }

    private async ValueTask ReadExactlyAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            await body.ReadExactlyAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (EndOfStreamException e)
        {
            throw new IOException("the peer's answer ends too early", e);
        }

        Bytes += buffer.Length;
    }
}
