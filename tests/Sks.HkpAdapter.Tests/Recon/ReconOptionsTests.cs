using Microsoft.Extensions.Options;
using Sks.HkpAdapter.Recon;

namespace Sks.HkpAdapter.Tests.Recon;

public class ReconOptionsTests
{
    [Fact]
    public void Defaults_are_valid() => Assert.True(Validate(new ReconOptions()).Succeeded);

    [Fact]
    public void Everything_an_operator_may_say_is_valid() => Assert.True(Validate(new ReconOptions
    {
        Listen = ["off"],
        SourceAddresses = ["192.0.2.1", "2001:db8::1"],
        Peers = ["keys.example.org:11370", "[2001:db8::2]:11370"],
    }).Succeeded);

    [Fact]
    public void Wrong_values_are_named()
    {
        AssertNames("'here'", new ReconOptions { Listen = ["here"] });
        AssertNames("'eth0'", new ReconOptions { SourceAddresses = ["eth0"] });
        AssertNames("'192.0.2.2'", new ReconOptions { SourceAddresses = ["192.0.2.1", "192.0.2.2"] });
        AssertNames("'keys.example.org'", new ReconOptions { Peers = ["keys.example.org"] });
        AssertNames("Filters", new ReconOptions { Filters = "ümlaut" });
        AssertNames("Mbar", new ReconOptions { Mbar = 0 });
        AssertNames("BitQuantum", new ReconOptions { BitQuantum = 5 });
        AssertNames("Interval", new ReconOptions { Interval = TimeSpan.Zero });
    }

    private static void AssertNames(string what, ReconOptions options) =>
        Assert.Contains(what, Validate(options).FailureMessage, StringComparison.Ordinal);

    private static ValidateOptionsResult Validate(ReconOptions options) => new ReconOptionsValidator().Validate(null, options);
}
