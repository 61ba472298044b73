using Sks.HkpAdapter.Recon;

namespace Sks.HkpAdapter.Tests.Recon;

public class ReconPeerTests
{
    [Theory]
    [InlineData("keys.example.org:11370", "keys.example.org 11370", "keys.example.org", 11370)]
    [InlineData("192.0.2.1:1", "192.0.2.1 1", "192.0.2.1", 1)]
    [InlineData("[2001:db8::1]:65535", "2001:db8::1 65535", "2001:db8::1", 65535)]
    [InlineData("keys.example.org:sks", "keys.example.org sks", "keys.example.org", 11370)]
    public void A_host_and_a_port_name_a_peer(string text, string name, string host, int port)
    {
        Assert.True(ReconPeer.TryParse(text, out ReconPeer? peer));
        Assert.Equal(new ReconPeer(name, host, port), peer);
    }

    [Theory]
    [InlineData("")]
    [InlineData("keys.example.org")]
    [InlineData("keys.example.org:")]
    [InlineData(":11370")]
    [InlineData("2001:db8::1:11370")]
    [InlineData("[keys.example.org]:11370")]
    [InlineData("keys.example.org:0")]
    [InlineData("keys.example.org:65536")]
    [InlineData("keys.example.org:-1")]
    [InlineData("keys.example.org:nosuchservice")]
    [InlineData("keys example:11370")]
    [InlineData("<keys>:11370")]
    public void Anything_else_does_not(string text) => Assert.False(ReconPeer.TryParse(text, out _));

    [Fact]
    public void A_host_is_no_longer_than_names_can_be()
    {
        Assert.True(ReconPeer.TryParse(new string('a', 253) + ":1", out _));
        Assert.False(ReconPeer.TryParse(new string('a', 254) + ":1", out _));
    }

    [Theory]
    [InlineData("first", 7)]
    [InlineData("alias", 7)]
    [InlineData("second", 9)]
    public void Services_are_found_by_name_and_alias(string name, int port)
    {
        Assert.True(ServiceNames.TryFind(name, ["# list", "", "second 8/udp", "first\t7/tcp other alias # hidden", "second 9/tcp", "odd", "bad x/tcp"], out int found));
        Assert.Equal(port, found);
    }

    [Theory]
    [InlineData("hidden")]
    [InlineData("7/tcp")]
    [InlineData("bad")]
    [InlineData("nothing")]
    public void Comments_and_ports_are_no_services(string name) =>
        Assert.False(ServiceNames.TryFind(name, ["first\t7/tcp other alias # hidden", "bad x/tcp", "nothing 0/tcp"], out _));
}
