namespace Sks.Node.Tests;

/// <summary>A stream of pieces that are made while it is read; it may fail, or stand still until it is cancelled.</summary>
internal sealed class FedStream(IEnumerable<byte[]> pieces, FedStream.End end = FedStream.End.OfFile) : Stream
{
    private readonly IEnumerator<byte[]> _pieces = pieces.GetEnumerator();
    private ReadOnlyMemory<byte> _rest;

    public enum End
    {
        OfFile,
        Failure,
        Never,
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty && _pieces.MoveNext())
            _rest = _pieces.Current;
        if (_rest.IsEmpty)
        {
            if (end == End.Failure)
                throw new IOException("The line is cut.");
            if (end == End.Never)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }

        int count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
