namespace Sks.Reconciliation.Sketches;

/// <summary>A sum over a set that tells, together with another's, which elements only one of the two has. Not thread-safe.</summary>
public sealed class CodedSketch
{
    /// <summary>Cells are 2 to the power of this: decodes about 115,000 differences.</summary>
    public const int DefaultLog2Cells = 17;

    /// <summary>Starts with the empty set.</summary>
    public CodedSketch(SketchKey key, int log2Cells = DefaultLog2Cells) => throw new NotImplementedException();

    /// <summary>How many elements there are.</summary>
    public long Count => throw new NotImplementedException();

    /// <summary>XOR over all elements, by a part of the key of its own.</summary>
    public UInt128 Fingerprint => throw new NotImplementedException();

    /// <summary>Adds elements that are not in the set.</summary>
    /// <param name="digests">32 bytes each.</param>
    public void Add(ReadOnlySpan<byte> digests) => throw new NotImplementedException();

    /// <summary>Removes elements that are in the set.</summary>
    /// <param name="digests">32 bytes each.</param>
    public void Remove(ReadOnlySpan<byte> digests) => throw new NotImplementedException();

    /// <summary>The sketch as it is now.</summary>
    public SketchImage Freeze() => throw new NotImplementedException();

    /// <summary>The sketch as bytes, without the key.</summary>
    public byte[] Save() => throw new NotImplementedException();

    /// <summary>Reads what <see cref="Save"/> wrote; null when it is not that, or was made under another key.</summary>
    public static CodedSketch? Load(SketchKey key, ReadOnlySpan<byte> saved) => throw new NotImplementedException();
}
