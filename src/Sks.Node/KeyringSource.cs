using System.Buffers;
using System.Runtime.CompilerServices;
using Sks.OpenPgp;

namespace Sks.Node;

/// <summary>Cuts a stream of any length, binary or armored, into certificates.</summary>
/// <remarks>Holds one certificate and one piece of input at a time, so that its memory does not grow with the stream.</remarks>
internal sealed class KeyringSource(Stream stream, OpenPgpLimits limits)
{
    private const int PieceBytes = 256 * 1024;
    private const byte PacketBit = 0x80;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private readonly GrowingBuffer _input = new();
    private bool _isFinal;

    /// <summary>All stretches, in order.</summary>
    public async IAsyncEnumerable<KeyringItem> ReadAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await FillAsync(cancellationToken).ConfigureAwait(false);
        if (_input.Span.StartsWith(ByteOrderMark))
            _input.Consume(ByteOrderMark.Length);
        bool isBinary = !_input.IsEmpty && (_input.Span[0] & PacketBit) != 0;
        await foreach (KeyringItem item in (isBinary ? ReadBinaryAsync(cancellationToken) : ReadArmoredAsync(cancellationToken)).ConfigureAwait(false))
        {
            // The certificate before broken framing is whole: it counts for itself, and so does what is broken behind it.
            bool isWholeBeforeError = item.Bytes.Length > 0 && item.Error is not (ParseErrorCode.None or ParseErrorCode.Truncated);
            if (isWholeBeforeError)
                yield return item with { Error = ParseErrorCode.None };
            yield return isWholeBeforeError ? item with { Bytes = default } : item;
        }
    }

    private async IAsyncEnumerable<KeyringItem> ReadBinaryAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var splitter = new KeyringSplitter(limits);
        while (true)
        {
            while (TrySplit(splitter, _input, _isFinal, out KeyringItem item))
            {
                if (item != default)
                    yield return item;
            }

            if (_isFinal)
                yield break;
            await FillAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async IAsyncEnumerable<KeyringItem> ReadArmoredAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var armor = new ArmorDecoder();
        var splitter = new KeyringSplitter(limits);
        var decoded = new GrowingBuffer();
        while (true)
        {
            ArmorEvent happened = armor.Decode(_input.Span, _isFinal, decoded, out int consumed);
            _input.Consume(consumed);
            bool endOfBlock = happened != ArmorEvent.NeedMoreData;
            while (TrySplit(splitter, decoded, endOfBlock, out KeyringItem item))
            {
                if (item != default)
                    yield return item;
            }

            if (happened == ArmorEvent.BadBlock)
                yield return new KeyringItem(default, ParseErrorCode.BadArmor);
            if (endOfBlock)
            {
                decoded.Clear();
                splitter = new KeyringSplitter(limits);
            }
            else if (_isFinal)
            {
                break;
            }
            else
            {
                await FillAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        if (!armor.HasSeenBlock)
            yield return new KeyringItem(default, ParseErrorCode.NoData);
    }

    private static bool TrySplit(KeyringSplitter splitter, GrowingBuffer buffer, bool isFinal, out KeyringItem item)
    {
        item = default;
        if (splitter.TryRead(buffer.Span, isFinal, out KeyringExtent extent) != OperationStatus.Done)
            return false;
        if (!extent.IsEmpty)
            item = new KeyringItem(buffer.Span[..extent.CertificateLength].ToArray(), extent.Error);
        buffer.Consume(extent.Length);
        return true;
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        // What is in memory tells how much there is: no more is taken for it, and nobody asks again for what will not come.
        long rest = stream is MemoryStream ? stream.Length - stream.Position : PieceBytes;
        int read = await stream.ReadAsync(_input.GetMemory((int)Math.Min(rest, PieceBytes)), cancellationToken).ConfigureAwait(false);
        _input.Advance(read);
        _isFinal = read == 0 || (stream is MemoryStream && stream.Position == stream.Length);
    }
}
