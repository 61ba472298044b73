using Sks.Reconciliation.Messages;

namespace Sks.Reconciliation.Tests;

/// <summary>Values that no tree and no reader can work with.</summary>
public sealed class TreeShapeTests
{
    [Theory]
    [InlineData(0, 2, 50)]
    [InlineData(-1, 2, 50)]
    [InlineData(1025, 2, 50)]
    [InlineData(5, 0, 50)]
    [InlineData(5, 9, 50)]
    [InlineData(5, 2, 0)]
    [InlineData(5, 2, int.MaxValue)]
    public void An_impossible_shape_is_refused(int mbar, int bitQuantum, int leafSize)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new TreeShape(mbar, bitQuantum, leafSize));
        Assert.Throws<ArgumentOutOfRangeException>(() => TreeShape.Default with { Mbar = mbar, BitQuantum = bitQuantum, LeafSize = leafSize });
        Assert.False(TreeShape.IsPossible(mbar, bitQuantum, leafSize));
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1024, 8, 1000)]
    public void An_unusual_shape_is_a_shape(int mbar, int bitQuantum, int leafSize)
    {
        Assert.Equal((mbar, bitQuantum, leafSize), new TreeShape(mbar, bitQuantum, leafSize) is var (m, b, l) ? (m, b, l) : default);
        Assert.True(TreeShape.IsPossible(mbar, bitQuantum, leafSize));
    }

    [Fact]
    public void A_part_has_at_least_one_element() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new MessageLimits { PartElements = 0 });
}
