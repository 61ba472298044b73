using Sks.HkpAdapter.Http;
using Sks.OpenPgp;
using Sks.TestSupport.Signing;

namespace Sks.HkpAdapter.Tests;

public class ClientViewTests
{
    private static readonly SigningKey Key = Synthetic.Key(1);
    private static readonly byte[] Primary = Synthetic.Packet(PacketTag.PublicKey, Key.Body);
    private static readonly byte[] UserId = Synthetic.Packet(PacketTag.UserId, [65, 66]);
    private static readonly byte[] Subkey = Synthetic.Packet(PacketTag.PublicSubkey, Synthetic.Key(2).Body);
    private static readonly byte[] Good = Synthetic.Packet(PacketTag.Signature, Synthetic.JunkCertification(Key, 3));
    private static readonly byte[] Local = Synthetic.Packet(PacketTag.Signature, Synthetic.JunkCertification(Key, 4, [2, 4, 0]));
    private static readonly byte[] Exportable = Synthetic.Packet(PacketTag.Signature, Synthetic.JunkCertification(Key, 5, [2, 4, 1]));
    private static readonly byte[] Version5 = Synthetic.Packet(PacketTag.Signature, [5, 1, 2, 3]);
    private static readonly byte[] BadArea = Synthetic.Packet(PacketTag.Signature, [4, 0x13, 1, 8, 0, 200, 1, 2]);
    private static readonly byte[] BadSubpacket = Synthetic.Packet(PacketTag.Signature, [4, 0x13, 1, 8, 0, 2, 9, 2, 0, 0, 1, 2]);
    private static readonly byte[] Version6Subkey = Synthetic.Packet(PacketTag.PublicSubkey, [6, 1, 2, 3, 4]);

    public static TheoryData<byte[], byte[]> Views => new()
    {
        { [.. Primary, .. Good, .. UserId, .. Good, .. Subkey, .. Good], [.. Primary, .. Good, .. UserId, .. Good, .. Subkey, .. Good] },
        { Primary, Primary },
        { [.. Primary, .. UserId, .. Good, .. Exportable], [.. Primary, .. UserId, .. Good, .. Exportable] },
        { [.. Primary, .. UserId, .. Version5, .. Good], [.. Primary, .. UserId, .. Good] },
        { [.. Primary, .. UserId, .. Good, .. BadArea, .. BadSubpacket], [.. Primary, .. UserId, .. Good] },
        { [.. Primary, .. UserId, .. UserId, .. Good], [.. Primary, .. UserId, .. Good] },
        { [.. Primary, .. UserId, .. Good, .. UserId], [.. Primary, .. UserId, .. Good] },
        { [.. Primary, .. Local, .. UserId, .. Good, .. Local], [.. Primary, .. UserId, .. Good] },
        { [.. Primary, .. UserId, .. Local, .. Subkey, .. Good], [.. Primary, .. Subkey, .. Good] },
        { [.. Primary, .. Version6Subkey, .. Good, .. Subkey, .. Good], [.. Primary, .. Subkey, .. Good] },
    };

    [Theory]
    [MemberData(nameof(Views))]
    public void Leaves_out_what_no_client_can_use(byte[] stored, byte[] view)
    {
        Assert.Equal(view, ClientView.Select(stored).ToArray());
        Assert.Equal(stored.Length == view.Length, ClientView.IsComplete(stored));
    }
}
