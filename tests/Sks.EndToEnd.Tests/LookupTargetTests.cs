using Sks.Keys.V1;
using Sks.Server.CommandLine;
using Sks.Server.Verbs;

namespace Sks.EndToEnd.Tests;

public sealed class LookupTargetTests
{
    [Theory]
    [InlineData("0123456789abcdef", "KeyId")]
    [InlineData("0x0123456789ABCDEF", "KeyId")]
    [InlineData("0123456789abcdef0123456789abcdef", "SksDigest Fingerprint")]
    [InlineData("0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567", "Fingerprint")]
    [InlineData("0X0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "Fingerprint")]
    public void Hex_of_a_known_length_is_a_name(string text, string expected)
    {
        LookupTarget target = LookupTarget.Parse(text, exact: false);

        Assert.Null(target.Search);
        Assert.Equal(expected, string.Join(' ', target.Requests.Select(request => request.SelectorCase.ToString())));
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("alice example org")]
    [InlineData("deadbeef")]
    [InlineData("0123456789abcdeg")]
    public void Anything_else_is_text(string text)
    {
        LookupTarget target = LookupTarget.Parse(text, exact: false);

        Assert.Empty(target.Requests);
        Assert.Equal(new SearchRequest { Words = text }, target.Search);
    }

    [Fact]
    public void Exact_text_is_never_hex() =>
        Assert.Equal(new SearchRequest { Identity = "0123456789abcdef" }, LookupTarget.Parse("0123456789abcdef", exact: true).Search);

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("0x")]
    [InlineData("0x12345678")]
    [InlineData("0xnothex")]
    public void What_cannot_be_meant_is_wrong_usage(string text) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CommandException>(() => LookupTarget.Parse(text, exact: false)).ExitCode);
}
