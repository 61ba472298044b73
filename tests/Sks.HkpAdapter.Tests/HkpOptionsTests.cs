using Microsoft.Extensions.Options;

namespace Sks.HkpAdapter.Tests;

public class HkpOptionsTests
{
    [Fact]
    public void Defaults_are_valid() => Assert.True(Validate(new HkpOptions()).Succeeded);

    [Fact]
    public void Off_listens_nowhere() => Assert.True(Validate(new HkpOptions { Listen = ["off"] }).Succeeded);

    [Fact]
    public void An_address_without_a_port_is_named() =>
        Assert.Contains("'127.0.0.1'", Validate(new HkpOptions { Listen = ["127.0.0.1"] }).FailureMessage, StringComparison.Ordinal);

    [Fact]
    public void TLS_needs_its_files() => Assert.True(Validate(new HkpOptions { ListenTls = ["127.0.0.1:443"] }).Failed);

    [Fact]
    public void Bounds_are_checked() => Assert.True(Validate(new HkpOptions { MaxRequestBytes = 1 }).Failed);

    private static ValidateOptionsResult Validate(HkpOptions options) => new HkpOptionsValidator().Validate(null, options);
}
