using System.Buffers.Binary;
using System.Security.Cryptography;
using Sks.Reconciliation.Sketches;
using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>A sketch of the clean views of a policy, and the place in the change log that it stands at. Phantoms are not in it. Not thread-safe.</summary>
internal sealed class LinkSketch
{
    // SHA-256 of what follows (32), layout (1), key epoch (4), policy (4), incarnation (8), sequence (8), the sketch. All numbers are big-endian.
    private const byte Layout = 1;
    private const int BodyOffset = SHA256.HashSizeInBytes;
    private const int SketchOffset = BodyOffset + 1 + sizeof(uint) + sizeof(int) + (2 * sizeof(ulong));

    private readonly CodedSketch _sketch;

    private LinkSketch(CodedSketch sketch, LinkKey key, int policy, ChangeCursor cursor)
    {
        _sketch = sketch;
        Key = key;
        Policy = policy;
        Cursor = cursor;
    }

    /// <summary>The key that it was made under.</summary>
    public LinkKey Key { get; }

    /// <summary>The policy of the views.</summary>
    public int Policy { get; }

    /// <summary>The last change that is in it.</summary>
    public ChangeCursor Cursor { get; private set; }

    /// <summary>How many views there are.</summary>
    public long Count => _sketch.Count;

    /// <summary>Makes one from nothing.</summary>
    /// <param name="snapshot">The set.</param>
    /// <param name="position">Where the log stood then.</param>
    /// <param name="key">The key of the link.</param>
    /// <param name="policy">The policy of the views.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static LinkSketch Build(StoreSnapshot snapshot, StorePosition position, LinkKey key, int policy, CancellationToken cancellationToken)
    {
        var sketch = new CodedSketch(SketchKey.Of(key.Secret.Span));
        foreach (ReadOnlyMemory<byte> digests in snapshot.ReadContentDigests(policy))
        {
            cancellationToken.ThrowIfCancellationRequested();
            sketch.Add(digests.Span);
        }

        return new LinkSketch(sketch, key, policy, position.Cursor);
    }

    /// <summary>Reads what <see cref="Save"/> wrote; null when it is not that, or is of another key.</summary>
    public static LinkSketch? Load(LinkKey key, ReadOnlySpan<byte> saved)
    {
        if (saved.Length < SketchOffset || saved[BodyOffset] != Layout || !SHA256.HashData(saved[BodyOffset..]).AsSpan().SequenceEqual(saved[..BodyOffset]))
            return null;
        ReadOnlySpan<byte> numbers = saved[(BodyOffset + 1)..SketchOffset];
        if (BinaryPrimitives.ReadUInt32BigEndian(numbers) != key.Epoch)
            return null;
        CodedSketch? sketch = CodedSketch.Load(SketchKey.Of(key.Secret.Span), saved[SketchOffset..]);
        return sketch is null
            ? null
            : new LinkSketch(
                sketch,
                key,
                BinaryPrimitives.ReadInt32BigEndian(numbers[4..]),
                new ChangeCursor(BinaryPrimitives.ReadUInt64BigEndian(numbers[8..]), BinaryPrimitives.ReadUInt64BigEndian(numbers[16..])));
    }

    /// <summary>The sketch as bytes, without the key.</summary>
    public byte[] Save()
    {
        byte[] sketch = _sketch.Save();
        byte[] saved = new byte[SketchOffset + sketch.Length];
        saved[BodyOffset] = Layout;
        Span<byte> numbers = saved.AsSpan((BodyOffset + 1)..SketchOffset);
        BinaryPrimitives.WriteUInt32BigEndian(numbers, Key.Epoch);
        BinaryPrimitives.WriteInt32BigEndian(numbers[4..], Policy);
        BinaryPrimitives.WriteUInt64BigEndian(numbers[8..], Cursor.Incarnation);
        BinaryPrimitives.WriteUInt64BigEndian(numbers[16..], Cursor.Sequence);
        sketch.CopyTo(saved.AsSpan(SketchOffset));
        SHA256.HashData(saved.AsSpan(BodyOffset), saved);
        return saved;
    }

    /// <summary>Takes the next changes in.</summary>
    /// <param name="batch">Of the same policy, right behind <see cref="Cursor"/>.</param>
    public void Apply(ChangeBatch batch)
    {
        if (!batch.Entered.IsEmpty)
            _sketch.Add(batch.Entered.Span);
        if (!batch.Left.IsEmpty)
            _sketch.Remove(batch.Left.Span);
        Cursor = Cursor with { Sequence = batch.After };
    }

    /// <summary>The set of now together with phantoms, none of which is in it.</summary>
    /// <param name="phantoms">32 bytes each.</param>
    public SketchImage Freeze(ReadOnlySpan<byte> phantoms)
    {
        if (phantoms.IsEmpty)
            return _sketch.Freeze();
        _sketch.Add(phantoms);
        SketchImage image = _sketch.Freeze();
        _sketch.Remove(phantoms);
        return image;
    }
}
