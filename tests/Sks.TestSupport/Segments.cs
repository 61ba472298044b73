using System.Buffers;

namespace Sks.TestSupport;

/// <summary>Sequences of several segments, which parsers must read like one.</summary>
public static class Segments
{
    /// <summary>The same bytes in segments of <paramref name="size"/> bytes.</summary>
    public static ReadOnlySequence<byte> Cut(ReadOnlyMemory<byte> bytes, int size = 1)
    {
        if (bytes.IsEmpty)
            return ReadOnlySequence<byte>.Empty;

        var first = new Segment(bytes[..Math.Min(size, bytes.Length)], null);
        Segment last = first;
        for (int at = size; at < bytes.Length; at += size)
            last = new Segment(bytes.Slice(at, Math.Min(size, bytes.Length - at)), last);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            if (before is null)
                return;
            before.Next = this;
            RunningIndex = before.RunningIndex + before.Memory.Length;
        }
    }
}
