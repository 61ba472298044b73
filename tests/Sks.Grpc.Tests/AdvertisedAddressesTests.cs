using System.Net;
using Microsoft.Extensions.Options;
using Sks.Grpc.Peers;

namespace Sks.Grpc.Tests;

public class AdvertisedAddressesTests
{
    private static readonly IPAddress[] Machine = [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1")];

    [Theory]
    [InlineData("127.0.0.1:5", "127.0.0.1:5")]
    [InlineData("[::1]:5", "[::1]:5")]
    [InlineData("0.0.0.0:5", "192.0.2.1:5")]
    [InlineData("[::]:5", "192.0.2.1:5 [2001:db8::1]:5")]
    public void Without_a_word_of_the_operator_it_is_where_it_listens(string listen, string expected) =>
        Assert.Equal(expected.Split(' '), AdvertisedAddresses.Find([], [IPEndPoint.Parse(listen)], Machine));

    [Theory]
    [InlineData("0.0.0.0:5", "127.0.0.1:5")]
    [InlineData("[::]:5", "[::1]:5")]
    public void A_machine_without_a_network_has_itself(string listen, string expected) =>
        Assert.Equal([expected], AdvertisedAddresses.Find([], [IPEndPoint.Parse(listen)], []));

    [Fact]
    public void What_the_operator_says_counts_and_a_host_gets_the_port() => Assert.Equal(
        ["keys.example.org:5", "other.example.org:7", "[2001:db8::2]:5"],
        AdvertisedAddresses.Find(["keys.example.org", "other.example.org:7", "[2001:db8::2]"], [IPEndPoint.Parse("0.0.0.0:5")], Machine));

    [Theory]
    [InlineData("", "", null)]
    [InlineData("0.0.0.0:0 [::]:5", "keys.example.org", null)]
    [InlineData("off", "keys.example.org:5", null)]
    [InlineData("off", "keys.example.org", "needs a port")]
    [InlineData("off 127.0.0.1:5", "", "cannot stand beside addresses")]
    [InlineData("localhost:5", "", "is neither ADDR:PORT nor off")]
    [InlineData("127.0.0.1:5", "keys.example.org:0", "is neither HOST nor HOST:PORT")]
    [InlineData("127.0.0.1:5", "2001:db8::2", "is neither HOST nor HOST:PORT")]
    [InlineData("127.0.0.1:5", "http://keys.example.org", "is neither HOST nor HOST:PORT")]
    [InlineData("127.0.0.1:5", "a:1 a:2 a:3 a:4 a:5 a:6 a:7 a:8 a:9", "more than 8")]
    public void Options_are_checked(string listen, string advertise, string? expected)
    {
        var options = new PeerOptions
        {
            Listen = listen.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Advertise = advertise.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        };
        ValidateOptionsResult result = new PeerOptionsValidator().Validate(null, options);
        if (expected is null)
            Assert.True(result.Succeeded, result.FailureMessage);
        else
            Assert.Contains(expected, Assert.Single(result.Failures!), StringComparison.Ordinal);
    }
}
