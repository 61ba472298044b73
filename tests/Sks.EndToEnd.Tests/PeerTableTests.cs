using Google.Protobuf;
using Sks.Admin.V1;
using Sks.Server.Verbs;

namespace Sks.EndToEnd.Tests;

public class PeerTableTests
{
    [Fact]
    public void Both_kinds_of_peers_have_a_table_and_remarks_below_it()
    {
        var modern = new Admin.V1.Peer
        {
            Name = new string('a', 64),
            Kind = PeerKind.Modern,
            NodeId = ByteString.CopyFrom([.. Enumerable.Repeat((byte)0xAB, 32)]),
            EndPoints = { "192.0.2.1:11373", "[2001:db8::1]:11373" },
            Connected = true,
            LastDifferenceCount = 3,
            PhantomCount = 7,
            LastError = "broken\noff",
            ExcessCount = 2,
            Refused =
            {
                new RefusedCount { Reason = RefusalReason.Restricted, Count = 4 },
                new RefusedCount { Reason = RefusalReason.TooLarge, Count = 11 },
                new RefusedCount { Count = 4 },
            },
        };
        var sks = new Admin.V1.Peer { Name = "one.example.org 11370", Kind = PeerKind.Sks };

        string[] lines = [.. PeerTable.Lines([modern, sks])];

        Assert.Equal(
            [
                "HOST             PORT",
                "one.example.org  11370",
                "one.example.org 11370: its name does not resolve",
                "NODE              ADDRESS             CONNECTED  LAST-CONTACT  FOUND  RECOVERED  RECEIVED  SENT  PHANTOMS",
                "abababababababab  192.0.2.1:11373 +1  yes        -             3      0          0         0     7",
                "abababababababab: broken off",
                "abababababababab: has asked for too much, and was refused for a while: 2 times",
                "abababababababab: has refused certificates of this node: 11 too large, 4 for another reason, 4 restricted",
            ],
            lines.Select(static line => line.Length < 130 ? line : line[..22].TrimEnd()));
    }

    [Fact]
    public void Without_peers_there_is_no_table() => Assert.Empty(PeerTable.Lines([]));
}
