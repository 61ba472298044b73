using System.Net;

namespace Sks.Node.Tests;

public class ClientAddressTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:3::1", "2001:db8:1:3::/64")]
    [InlineData("fe80::1%3", "fe80::/64")]
    public void A_subscriber_has_one_name(string address, string name) => Assert.Equal(name, ClientAddress.Of(IPAddress.Parse(address)));

    [Fact]
    public void Without_an_address_there_is_still_a_name() => Assert.Equal("", ClientAddress.Of(null));
}
