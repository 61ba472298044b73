namespace Sks.EndToEnd.Tests;

public sealed class ConfigurationReferenceTests
{
    private static readonly string Page = Checkout.Combine("docs", "configuration.md");

    [Fact]
    public void The_reference_of_settings_is_up_to_date()
    {
        string written = ConfigurationReference.Write();
        if (Environment.GetEnvironmentVariable("SKS_UPDATE_DOCS") == "1")
            File.WriteAllText(Page, written);

        Assert.Equal(written, File.ReadAllText(Page));
    }
}
