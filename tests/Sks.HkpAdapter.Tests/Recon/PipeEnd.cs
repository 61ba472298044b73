using System.Buffers;
using System.IO.Pipelines;

namespace Sks.HkpAdapter.Tests.Recon;

/// <summary>A connection in memory, of which the test holds the other end.</summary>
internal sealed class PipeEnd : IDuplexPipe
{
    private readonly Pipe _toNode = new();
    private readonly Pipe _fromNode = new();
    private readonly ArrayBufferWriter<byte> _received = new();

    public PipeReader Input => _toNode.Reader;

    public PipeWriter Output => _fromNode.Writer;

    /// <summary>What the node has sent so far, as far as it was read.</summary>
    public byte[] Received => _received.WrittenSpan.ToArray();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async Task SendAsync(byte[] bytes) => await _toNode.Writer.WriteAsync(bytes, Token);

    public ValueTask CloseAsync() => _toNode.Writer.CompleteAsync();

    /// <summary>Says that no answer will be read any more.</summary>
    public ValueTask StopReadingAsync() => _fromNode.Reader.CompleteAsync();

    /// <summary>Reads until the node has sent <paramref name="count"/> bytes altogether; false when it ends before that.</summary>
    public async Task<bool> ReadAsync(long count)
    {
        while (_received.WrittenCount < count)
        {
            ReadResult result = await _fromNode.Reader.ReadAsync(Token);
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
                _received.Write(segment.Span);
            _fromNode.Reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                return _received.WrittenCount >= count;
        }

        return true;
    }
}
