using Sks.HkpAdapter.Recon;

namespace Sks.HkpAdapter.Tests.Recon;

public class MembershipFileTests
{
    [Fact]
    public void Lines_are_read_as_by_SKS_or_better()
    {
        MembershipLines lines = MembershipFile.Parse(
            "# peers\n" +
            "\n" +
            "192.0.2.3 11370 and the rest\n" +
            "keys.example.org\thkp # Alice <alice@example.org> 0x12345678\n" +
            "  192.0.2.10   11370  \n" +
            "2001:db8::1 11370#x\n" +
            "[2001:db8::2] 11370\r\n" +
            "   # only blanks before it\n" +
            "last.example.org sks");

        Assert.Empty(lines.Malformed);
        Assert.Equal(
            [
                new ReconPeer("192.0.2.3 11370", "192.0.2.3", 11370),
                new ReconPeer("keys.example.org hkp", "keys.example.org", 11371),
                new ReconPeer("192.0.2.10 11370", "192.0.2.10", 11370),
                new ReconPeer("2001:db8::1 11370", "2001:db8::1", 11370),
                new ReconPeer("2001:db8::2 11370", "2001:db8::2", 11370),
                new ReconPeer("last.example.org sks", "last.example.org", 11370),
            ],
            lines.Peers);
    }

    [Fact]
    public void Lines_without_a_host_and_a_port_are_numbered()
    {
        MembershipLines lines = MembershipFile.Parse("noport\n192.0.2.1 11370\n192.0.2.2:11370\n192.0.2.3 99999\n192.0.2.4 -1\n192.0.2.5 0\n192.0.2.6 nosuchservice\na<b 1\n");

        Assert.Equal("192.0.2.1 11370", Assert.Single(lines.Peers).Name);
        Assert.Equal([1, 3, 4, 5, 6, 7, 8], lines.Malformed);
    }

    [Fact]
    public void Nothing_has_no_peers() => Assert.Empty(MembershipFile.Parse("").Peers);
}
