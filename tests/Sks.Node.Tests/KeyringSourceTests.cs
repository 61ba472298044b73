using CsCheck;
using Sks.OpenPgp;
using Sks.TestSupport;

namespace Sks.Node.Tests;

public class KeyringSourceTests
{
    private static readonly byte[] Binary =
    [
        .. CertificateBuilder.Ordinary(1).Build(), .. CertificateBuilder.Ordinary(2, 3).Build(), 0x9B, 1, 2, 3,
        .. CertificateBuilder.Ordinary(3).Build(HeaderFormat.New), .. CertificateBuilder.Ordinary(4).Build(), .. CertificateBuilder.Ordinary(5).Build()[..^7],
    ];

    private static readonly byte[] Text =
    [
        .. "Hello\r\n"u8, .. Armor.Write(CertificateBuilder.Ordinary(1).Build()), .. Armor.Write(Binary), .. "\nBye"u8,
    ];

    [Fact]
    public async Task Any_segmentation_gives_the_same_items()
    {
        foreach (byte[] input in (byte[][])[Binary, Text])
        {
            string whole = await ReadAsync(input, [input.Length]);
            Assert.Contains("98", whole, StringComparison.Ordinal);
            Assert.Equal(whole, await ReadAsync(input, [1]));
            await Gen.Int[1, 700].Array[1, 20].SampleAsync(async lengths => Assert.Equal(whole, await ReadAsync(input, lengths)), iter: 60);
        }
    }

    [Fact]
    public void Buffer_gives_back_what_was_put_in() =>
        Gen.Select(Gen.Int[0, 100_000], Gen.Int[0, 100_000]).Array[1, 60].Sample(static steps =>
        {
            var buffer = new GrowingBuffer();
            var expected = new List<byte>();
            byte next = 0;
            foreach ((int added, int taken) in steps)
            {
                Span<byte> place = buffer.GetSpan(added);
                Assert.True(place.Length >= Math.Max(1, added));
                for (int i = 0; i < added; i++)
                    expected.Add(place[i] = next++);
                buffer.Advance(added);
                int count = Math.Min(taken, expected.Count);
                buffer.Consume(count);
                expected.RemoveRange(0, count);
                Assert.True(buffer.Span.SequenceEqual(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(expected)));
                Assert.Equal(expected.Count == 0, buffer.IsEmpty);
            }
        },
        iter: 60);

    private static async Task<string> ReadAsync(byte[] input, int[] lengths)
    {
        using var stream = new FedStream(Cut(input, lengths));
        List<string> items = [];
        await foreach (KeyringItem item in new KeyringSource(stream, OpenPgpLimits.Default).ReadAsync(CancellationToken.None))
            items.Add($"{Convert.ToHexString(item.Bytes.Span)} {item.Error}");
        return string.Join('\n', items);
    }

    private static IEnumerable<byte[]> Cut(byte[] input, int[] lengths)
    {
        int start = 0;
        for (int i = 0; start < input.Length; i++)
        {
            int end = Math.Min(input.Length, start + lengths[i % lengths.Length]);
            yield return input[start..end];
            start = end;
        }
    }
}
