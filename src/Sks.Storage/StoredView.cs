using System.Buffers.Binary;

namespace Sks.Storage;

/// <summary>A view of a stored certificate, ready to send: slices of its record that hold whole packets with SKS's headers.</summary>
/// <remarks>Refers to the record, which never changes. The view that is served lies in one slice.</remarks>
public readonly struct StoredView
{
    internal const int SliceBytes = 8;

    private readonly byte[] _record;
    private readonly int _slicesOffset;

    internal StoredView(byte[] record, int slicesOffset, int sliceCount, int length, uint crc24)
    {
        _record = record;
        _slicesOffset = slicesOffset;
        SliceCount = sliceCount;
        Length = length;
        Crc24 = crc24;
    }

    /// <summary>Bytes of all slices together.</summary>
    public int Length { get; }

    /// <summary>Armor checksum of all slices together.</summary>
    public uint Crc24 { get; }

    /// <summary>How many slices there are; at least one.</summary>
    public int SliceCount { get; }

    /// <summary>One slice.</summary>
    /// <param name="index">Which, in the order they are sent.</param>
    /// <exception cref="StorageException">The record is damaged.</exception>
    public ReadOnlyMemory<byte> GetSlice(int index)
    {
        (int offset, int length) = ReadRange(index);
        return _record.AsMemory(offset, length);
    }

    /// <summary>The whole view; copied only when it is in several slices.</summary>
    /// <exception cref="StorageException">The record is damaged.</exception>
    public ReadOnlyMemory<byte> ToMemory()
    {
        if (SliceCount == 1)
            return GetSlice(0);
        byte[] joined = GC.AllocateUninitializedArray<byte>(Length);
        CopyTo(joined);
        return joined;
    }

    /// <summary>The whole view in an array of its own.</summary>
    /// <exception cref="StorageException">The record is damaged.</exception>
    public byte[] ToArray()
    {
        byte[] copy = GC.AllocateUninitializedArray<byte>(Length);
        CopyTo(copy);
        return copy;
    }

    /// <summary>Copies <see cref="Length"/> bytes.</summary>
    /// <exception cref="StorageException">The record is damaged.</exception>
    public void CopyTo(Span<byte> destination)
    {
        Span<byte> rest = destination[..Length];
        for (int i = 0; i < SliceCount; i++)
        {
            ReadOnlySpan<byte> slice = GetSlice(i).Span;
            if (slice.Length > rest.Length)
                throw Damaged();
            slice.CopyTo(rest);
            rest = rest[slice.Length..];
        }

        if (!rest.IsEmpty)
            throw Damaged();
    }

    /// <summary>Where a slice is in the record.</summary>
    internal (int Offset, int Length) ReadRange(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)SliceCount);
        ReadOnlySpan<byte> slice = _record.AsSpan(_slicesOffset + (index * SliceBytes), SliceBytes);
        int offset = BinaryPrimitives.ReadInt32BigEndian(slice);
        int length = BinaryPrimitives.ReadInt32BigEndian(slice[4..]);
        return offset >= 0 && length > 0 && offset <= _record.Length - length ? (offset, length) : throw Damaged();
    }

    private static StorageException Damaged() => new(StorageErrorKind.Corrupt, "The slices of a stored view are damaged.");
}
