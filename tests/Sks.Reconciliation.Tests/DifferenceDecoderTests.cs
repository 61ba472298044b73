using CsCheck;

namespace Sks.Reconciliation.Tests;

/// <summary>What is found for sets of all sizes, and that no input is an exception.</summary>
public sealed class DifferenceDecoderTests
{
    private static readonly FieldElement Large = FieldElement.Zero - FieldElement.From(1); // p - 1, which no element stands for

    public static TheoryData<int> AllMbars => [.. Enumerable.Range(1, 50)];

    [Fact]
    public void Whatever_fits_is_found() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[0, 12], Gen.Int[0, 12], Gen.Int[0, 20]).SelectMany(static (mbar, remote, local, common) =>
            Gen.Select(
                Gen.Const(mbar), SampledSets.AnyElement.Array[remote], SampledSets.AnyElement.Array[local], SampledSets.AnyElement.Array[common])).Sample(
            static (mbar, remote, local, common) =>
            {
                bool isDecoded = TryDecode(mbar, [.. common, .. remote], [.. common, .. local], out SetDifference difference);
                Assert.Equal(remote.Length + local.Length <= mbar, isDecoded);
                if (isDecoded)
                {
                    Assert.Equal(remote.Order(ElementOrder.Numeric), difference.RemoteOnly);
                    Assert.Equal(local.Order(ElementOrder.Numeric), difference.LocalOnly);
                }
            },
            iter: 300);

    [Theory]
    [MemberData(nameof(AllMbars))]
    public void As_many_as_mbar_are_found_and_one_more_is_not(int mbar)
    {
        Element[] elements = [.. Enumerable.Range(1, mbar + 11).Select(CreateElement)];
        Element[] common = elements[..10];
        Element[] remote = elements[10..(10 + (mbar / 3))];
        Element[] local = elements[(10 + (mbar / 3))..(10 + mbar)];

        Assert.True(TryDecode(mbar, [.. common, .. remote], [.. common, .. local], out SetDifference difference));
        Assert.Equal(remote.Order(ElementOrder.Numeric), difference.RemoteOnly);
        Assert.Equal(local.Order(ElementOrder.Numeric), difference.LocalOnly);
        Assert.False(TryDecode(mbar, [.. common, .. remote, elements[^1]], [.. common, .. local], out _));
    }

    [Fact]
    public void Elements_found_ascend_as_numbers_and_not_as_bytes()
    {
        Element first = FieldVectors.ParseElement("FF000000000000000000000000000001");
        Element second = FieldVectors.ParseElement("01000000000000000000000000000002");

        Assert.True(TryDecode(5, [second, first], [], out SetDifference difference));
        Assert.Equal([first, second], difference.RemoteOnly);
        Assert.True(second < first);
    }

    [Fact]
    public void A_zero_in_our_own_samples_is_no_difference()
    {
        FieldElement[] samples = SampledSets.Sample(6, [CreateElement(1)]);
        samples[3] = FieldElement.Zero;

        Assert.False(DifferenceDecoder.TryDecode(TreeShape.Default, SampledSets.Sample(6, []), 0, samples, 1, out _));
    }

    [Fact]
    public void An_element_of_the_peer_that_is_a_sample_point_is_found()
    {
        Element one = new((UInt128)1 << 120);

        Assert.True(TryDecode(5, [one, CreateElement(7)], [CreateElement(8)], out SetDifference difference));
        Assert.Equal([one, CreateElement(7)], difference.RemoteOnly.OrderBy(element => element == one ? 0 : 1));
    }

    [Theory]
    [InlineData(0, 6)]
    [InlineData(5, 6)]
    [InlineData(7, 6)]
    [InlineData(6, 5)]
    [InlineData(5, 5)]
    public void Samples_of_another_number_are_no_difference(int remote, int local) => Assert.False(DifferenceDecoder.TryDecode(
        TreeShape.Default, SampledSets.Sample(remote, []), 0, SampledSets.Sample(local, []), 0, out _));

    [Theory]
    [InlineData(uint.MaxValue, 0)]
    [InlineData(0, uint.MaxValue)]
    [InlineData(long.MaxValue, 0)]
    [InlineData(0, long.MaxValue)]
    [InlineData(-1, 0)]
    [InlineData(0, -1)]
    [InlineData(long.MinValue, long.MaxValue)]
    [InlineData(6, 0)]
    [InlineData(0, 6)]
    public void Counts_that_make_no_sense_are_no_difference(long remote, long local) => Assert.False(DifferenceDecoder.TryDecode(
        TreeShape.Default, SampledSets.Sample(6, []), remote, SampledSets.Sample(6, []), local, out _));

    [Fact]
    public void More_elements_than_a_side_has_are_no_difference()
    {
        FieldElement[] remote = SampledSets.Sample(6, [CreateElement(1), CreateElement(2)]);
        FieldElement[] local = SampledSets.Sample(6, [CreateElement(3)]);

        Assert.True(DifferenceDecoder.TryDecode(TreeShape.Default, remote, 2, local, 1, out _));
        Assert.False(DifferenceDecoder.TryDecode(TreeShape.Default, remote, 1, local, 0, out _));
    }

    [Fact]
    public void A_root_that_no_element_stands_for_is_no_difference()
    {
        FieldElement[] remote = [.. SamplePoints.First(6).Select(static point => point - Large)];

        Assert.False(DifferenceDecoder.TryDecode(TreeShape.Default, remote, 1, SampledSets.Sample(6, []), 0, out _));
    }

    [Fact]
    public void A_root_that_occurs_twice_is_no_difference()
    {
        for (int count = 2; count <= 5; count++)
        {
            Element[] twice = [CreateElement(1), .. Enumerable.Range(1, count - 1).Select(CreateElement)];
            Assert.False(DifferenceDecoder.TryDecode(
                TreeShape.Default, SampledSets.Sample(6, twice), count, SampledSets.Sample(6, []), 0, out _));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_polynomial_without_roots_is_no_difference(int degree)
    {
        // Of z^n + z + c with random c about one in n! splits; of 40 some do not. Those that do have roots of 129 bits for the greater part.
        int refused = 0;
        for (int c = 1; c <= 40; c++)
        {
            FieldElement[] remote = [.. SamplePoints.First(6).Select(point => point.Pow((uint)degree) + point + FieldElement.From(c))];
            refused += DifferenceDecoder.TryDecode(TreeShape.Default, remote, degree, SampledSets.Sample(6, []), 0, out _) ? 0 : 1;
        }

        Assert.InRange(refused, 10, 40);
    }

    [Fact]
    public void Nothing_is_an_exception() =>
        Gen.Select(FieldNumbers.Any.Array[6], FieldNumbers.Any.Array[6], Gen.Int[0, 12], Gen.Int[0, 12]).Sample(
            static (remote, local, remoteCount, localCount) => DifferenceDecoder.TryDecode(
                TreeShape.Default,
                [.. remote.Select(FieldNumbers.ToField)],
                remoteCount,
                [.. local.Select(FieldNumbers.ToField)],
                localCount,
                out SetDifference difference) || difference is { RemoteOnly: [], LocalOnly: [] },
            iter: 2_000);

    private static bool TryDecode(int mbar, Element[] remote, Element[] local, out SetDifference difference) => DifferenceDecoder.TryDecode(
        new TreeShape(mbar),
        SampledSets.Sample(mbar + 1, remote),
        remote.Length,
        SampledSets.Sample(mbar + 1, local),
        local.Length,
        out difference);

    // Scattered as digests are.
    private static Element CreateElement(int number) =>
        Element.Read(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(number)));
}
