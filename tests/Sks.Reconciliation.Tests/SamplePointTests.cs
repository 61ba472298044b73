namespace Sks.Reconciliation.Tests;

/// <summary>The points at which nodes are sampled, as SKS chooses them.</summary>
public sealed class SamplePointTests
{
    [Fact]
    public void They_alternate_around_zero() => Assert.Equal(
        [
            "0",
            "530512889551602322505127520352579437338",
            "1",
            "530512889551602322505127520352579437337",
            "2",
            "530512889551602322505127520352579437336",
        ],
        SamplePoints.First(6).Select(static point => point.ToString()));

    [Fact]
    public void An_element_is_subtracted_from_each()
    {
        var element = FieldElement.From(new Element(UInt128.Parse("84D6326E8A1EF8EAC700B19AC5CBE38A", System.Globalization.NumberStyles.HexNumber, null)));

        Assert.Equal(
            ["345896641761424294503162839152247073943", "345896641761424294503162839152247073942", "345896641761424294503162839152247073944"],
            SamplePoints.First(3).Select(point => (point - element).ToString()));
    }

    [Fact]
    public void An_inverse_undoes_a_factor()
    {
        var element = FieldElement.From(new Element(UInt128.MaxValue - 12345));

        Assert.Equal(FieldElement.One, element.Invert() * element);
    }
}
