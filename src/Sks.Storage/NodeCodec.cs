using System.Buffers.Binary;
using Sks.Reconciliation;

namespace Sks.Storage;

/// <summary>How a node of the partition tree lies in <see cref="Family.Tree"/>. Frozen: a change here is a new <see cref="StoreFormat"/>.</summary>
/// <remarks>
/// Count (8, big-endian), then the samples (17 each, little-endian as on SKS's wire), then the elements of a leaf in ascending order (16 each). A stored
/// node has elements below it; so it is a leaf iff something follows the samples. How many samples there are, <see cref="TreeSummary"/> tells.
/// </remarks>
internal static class NodeCodec
{
    /// <summary>The value of a row.</summary>
    public static byte[] Encode(TreeNode node)
    {
        var value = new byte[sizeof(long) + (node.Samples.Count * FieldElement.Length) + ((node.Elements?.Count ?? 0) * Element.Length)];
        Span<byte> rest = value;
        BinaryPrimitives.WriteInt64BigEndian(rest, node.Count);
        rest = rest[sizeof(long)..];
        foreach (FieldElement sample in node.Samples)
        {
            sample.Write(rest);
            rest = rest[FieldElement.Length..];
        }

        foreach (Element element in node.Elements ?? [])
        {
            element.Write(rest);
            rest = rest[Element.Length..];
        }

        return value;
    }

    /// <summary>Reads the value of a row.</summary>
    /// <param name="prefix">Which node it is.</param>
    /// <param name="value">The value.</param>
    /// <param name="shape">Shape of the tree.</param>
    /// <exception cref="StorageException">The row is damaged.</exception>
    public static TreeNode Decode(Prefix prefix, ReadOnlySpan<byte> value, TreeShape shape)
    {
        int headLength = sizeof(long) + (shape.SampleCount * FieldElement.Length);
        if (value.Length < headLength)
            throw Damaged(prefix);
        long count = BinaryPrimitives.ReadInt64BigEndian(value);
        var samples = new FieldElement[shape.SampleCount];
        for (int i = 0; i < samples.Length; i++)
        {
            if (!FieldElement.TryRead(value[(sizeof(long) + (i * FieldElement.Length))..], out samples[i]))
                throw Damaged(prefix);
        }

        ReadOnlySpan<byte> rest = value[headLength..];
        if (count <= 0 || rest.Length % Element.Length != 0 || (!rest.IsEmpty && rest.Length / Element.Length != count))
            throw Damaged(prefix);
        return new TreeNode(prefix, count, samples, rest.IsEmpty ? null : ReadElements(rest));
    }

    private static Element[] ReadElements(ReadOnlySpan<byte> bytes)
    {
        var elements = new Element[bytes.Length / Element.Length];
        for (int i = 0; i < elements.Length; i++)
            elements[i] = Element.Read(bytes[(i * Element.Length)..]);
        return elements;
    }

    private static StorageException Damaged(Prefix prefix) =>
        new(StorageErrorKind.Corrupt, $"The node of the partition tree at '{prefix}' is damaged.");
}
