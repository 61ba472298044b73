using System.Buffers;
using Sks.OpenPgp;

namespace Sks.TestSupport;

/// <summary>Armored text made and read in one go.</summary>
public static class Armor
{
    /// <summary>What <see cref="ArmorWriter"/> writes.</summary>
    public static byte[] Write(ReadOnlySpan<byte> data)
    {
        var text = new byte[ArmorWriter.GetLength(data.Length)];
        int written = ArmorWriter.Write(data, Crc24.Compute(data), text);
        return written == text.Length ? text : throw new InvalidOperationException("The armor has another length than announced.");
    }

    /// <summary>The blocks in a text, in order; null for a block that is broken.</summary>
    public static List<byte[]?> Read(ReadOnlySpan<byte> text) => Read(text, [Math.Max(1, text.Length)]);

    /// <summary>The same from pieces of the given lengths, one after the other and over again, kept in a growing buffer.</summary>
    public static List<byte[]?> Read(ReadOnlySpan<byte> text, IReadOnlyList<int> pieceLengths)
    {
        var blocks = new List<byte[]?>();
        var decoder = new ArmorDecoder();
        var output = new ArrayBufferWriter<byte>();
        int start = 0;
        int arrived = 0;
        for (int piece = 0; ;)
        {
            bool isFinal = arrived == text.Length;
            ArmorEvent happened = decoder.Decode(text[start..arrived], isFinal, output, out int consumed);
            start += consumed;
            if (happened != ArmorEvent.NeedMoreData)
            {
                blocks.Add(happened == ArmorEvent.EndOfBlock ? output.WrittenSpan.ToArray() : null);
                output.Clear();
                continue;
            }

            if (isFinal)
                return start == text.Length ? blocks : throw new InvalidOperationException("Text is left over.");
            arrived = Math.Min(text.Length, arrived + pieceLengths[piece++ % pieceLengths.Count]);
        }
    }
}
