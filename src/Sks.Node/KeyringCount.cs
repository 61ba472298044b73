using System.Buffers;

namespace Sks.Node;

/// <summary>Counts what is in a keyring, without understanding it.</summary>
public static class KeyringCount
{
    private const int PieceBytes = 64 * 1024;

    /// <summary>How many certificates a keyring holds, binary or armored: whole ones, and what is broken or too large to be one. Reads it to its end.</summary>
    /// <param name="keyring">Any length.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="cancellationToken">Stops early.</param>
    public static async Task<long> ReadAsync(Stream keyring, KeyserverOptions options, CancellationToken cancellationToken)
    {
        long count = 0;
        await foreach (KeyringItem _ in new KeyringSource(keyring, options.ToLimits()).ReadAsync(cancellationToken).ConfigureAwait(false))
            count++;

        byte[] rest = ArrayPool<byte>.Shared.Rent(PieceBytes);
        while (await keyring.ReadAsync(rest, cancellationToken).ConfigureAwait(false) > 0)
        {
            // Broken framing ends the certificates, but not the file.
        }

        ArrayPool<byte>.Shared.Return(rest);
        return count;
    }
}
