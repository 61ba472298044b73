using System.Buffers;

namespace Sks.Node;

/// <summary>Bytes that are added at the end and taken from the front; grows by doubling and is as large as its fullest moment.</summary>
internal sealed class GrowingBuffer : IBufferWriter<byte>
{
    private const int MinBytes = 4096;

    // Most submissions are small, and memory beyond 85 kB is expensive to take and to give back.
    private byte[] _bytes = [];
    private int _start;
    private int _end;

    /// <summary>What has been added and not been taken.</summary>
    public ReadOnlySpan<byte> Span => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Whether there is nothing.</summary>
    public bool IsEmpty => _start == _end;

    /// <summary>Takes bytes from the front.</summary>
    public void Consume(int count) => _start += count;

    /// <summary>Takes everything.</summary>
    public void Clear() => _start = _end = 0;

    /// <inheritdoc/>
    public void Advance(int count) => _end += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(1, sizeHint));
        return _bytes.AsMemory(_end);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    private void MakeRoom(int size)
    {
        if (_bytes.Length - _end >= size)
            return;

        int used = _end - _start;
        int needed = checked(used + size);
        byte[] target = needed <= _bytes.Length / 2 ? _bytes : GC.AllocateUninitializedArray<byte>(Math.Max(Math.Max(MinBytes, needed), 2 * _bytes.Length));
        Span.CopyTo(target);
        _bytes = target;
        _start = 0;
        _end = used;
    }
}
