using System.Buffers;
using System.IO.Pipelines;

namespace Sks.Grpc.Peers;

/// <summary>Counts the bytes that pass through a connection's pipes.</summary>
/// <param name="inner">The connection's transport.</param>
/// <param name="count">Where they are counted.</param>
internal sealed class CountingPipe(IDuplexPipe inner, ByteCount count) : IDuplexPipe
{
    /// <inheritdoc/>
    public PipeReader Input { get; } = new Reader(inner.Input, count);

    /// <inheritdoc/>
    public PipeWriter Output { get; } = new Writer(inner.Output, count);

    private sealed class Reader(PipeReader inner, ByteCount count) : PipeReader
    {
        private ReadOnlySequence<byte> _buffer;

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            ReadResult result = await inner.ReadAsync(cancellationToken).ConfigureAwait(false);
            _buffer = result.Buffer;
            return result;
        }

        public override bool TryRead(out ReadResult result)
        {
            bool read = inner.TryRead(out result);
            if (read)
                _buffer = result.Buffer;
            return read;
        }

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        // What is looked at and not consumed comes again.
        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            long bytes = _buffer.Slice(0, consumed).Length;
            _buffer = default;
            inner.AdvanceTo(consumed, examined);
            if (bytes > 0)
                count.Add(bytes, 0);
        }

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
    }

    private sealed class Writer(PipeWriter inner, ByteCount count) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void Advance(int bytes)
        {
            inner.Advance(bytes);
            if (bytes > 0)
                count.Add(0, bytes);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
        {
            if (source.Length > 0)
                count.Add(0, source.Length);
            return inner.WriteAsync(source, cancellationToken);
        }

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
    }
}
