using Sks.TestSupport;

namespace Sks.OpenPgp.Tests;

/// <summary>Every certificate of the keyrings that Debian's packages debian-keyring and archlinux-keyring install.</summary>
public sealed class InstalledKeyringTests
{
    private const string Folder = "/usr/share/keyrings";

    [Theory]
    [InlineData("debian-keyring.gpg", 700)]
    [InlineData("debian-maintainers.gpg", 100)]
    [InlineData("debian-nonupload.gpg", 10)]
    [InlineData("debian-role-keys.gpg", 3)]
    [InlineData("archlinux.gpg", 100)]
    public void Every_certificate_reads_and_what_is_written_reads_the_same(string file, int atLeast)
    {
        byte[] keyring = Read(file);
        List<(int Start, KeyringExtent Extent)> extents = Keyrings.Split(keyring);
        Assert.True(extents.Count >= atLeast, $"{extents.Count} certificates");
        Assert.Equal(keyring.Length, extents.Sum(static e => e.Extent.Length));

        foreach ((int start, KeyringExtent extent) in extents)
        {
            Assert.Equal(ParseErrorCode.None, extent.Error);
            Certificate certificate = Keyrings.ReadOne(keyring.AsMemory(start, extent.CertificateLength));
            byte[] written = certificate.ToArray();
            Certificate again = Keyrings.ReadOne(written);
            Assert.Equal(certificate.Digest, again.Digest);
            Assert.Equal(certificate.Identity, again.Identity);
            Assert.Equal(written, again.ToArray());
            Assert.All(certificate.Packets, AssertReads);
        }
    }

    private static void AssertReads(Packet packet)
    {
        switch (packet.Tag)
        {
            case PacketTag.Signature:
                Assert.True(SignaturePacket.TryParse(packet.Span, out _));
                break;
            case PacketTag.PublicKey or PacketTag.PublicSubkey:
                Assert.True(PublicKeyPacket.TryParse(packet.Body, out PublicKeyPacket key, out _));
                Assert.True(key.BitLength > 0);
                break;
        }
    }

    private static byte[] Read(string file)
    {
        string path = Path.Combine(Folder, file);
        if (!File.Exists(path) && Environment.GetEnvironmentVariable("SKS_REQUIRE_INTEROP") != "1")
            Assert.Skip($"{path} is not installed");
        byte[] content = File.ReadAllBytes(path);
        return content[0] == '-' ? [.. Armor.Read(content).SelectMany(static block => block!)] : content; // Arch's is armored
    }
}
