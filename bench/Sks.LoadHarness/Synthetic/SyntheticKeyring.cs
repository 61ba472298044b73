using System.Security.Cryptography;
using System.Text;
using Sks.OpenPgp;

namespace Sks.LoadHarness.Synthetic;

/// <summary>Small certificates as modern clients make them, as many as wanted, always the same for one seed.</summary>
/// <remarks>
/// A primary key, a user ID and its self-signature; four in five with a subkey and its binding, one in two with a signature by
/// another of them. About 420 bytes each. Well-formed version 4 with random key material and signature values: nothing verifies.
/// </remarks>
public sealed class SyntheticKeyring(int seed)
{
    private const int FirstCreationTime = 1_400_000_000;
    private const int SubkeyPercent = 80;
    private const int ThirdPartyPercent = 50;
    private const byte SignAndCertify = 0x03;
    private const byte Encrypt = 0x0C;

    /// <summary>Writes certificates one after the other.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="first">Number of the first one.</param>
    /// <param name="count">How many.</param>
    public void Write(Stream destination, int first, int count)
    {
        for (int i = 0; i < count; i++)
            destination.Write(Create(first + i));
    }

    /// <summary>The certificate with a number, binary.</summary>
    public byte[] Create(int number)
    {
        var random = new Random(HashOf(number));
        uint time = CreationTimeOf(number);
        byte[] primary = PrimaryKeyOf(number);
        byte[] fingerprint = FingerprintOf(primary);

        var certificate = new PacketBuffer();
        certificate.Add(PacketTag.PublicKey, primary);
        certificate.Add(PacketTag.UserId, Encoding.UTF8.GetBytes(SyntheticNames.UserId(random, number)));
        certificate.Add(PacketTag.Signature, SyntheticPackets.Signature(random, SignatureType.PositiveCertification, time, fingerprint, SignAndCertify));
        if (random.Next(100) < ThirdPartyPercent)
        {
            byte[] other = FingerprintOf(PrimaryKeyOf(random.Next(Math.Max(1, number))));
            certificate.Add(PacketTag.Signature, SyntheticPackets.Signature(random, SignatureType.GenericCertification, time + 86_400, other, null));
        }

        if (random.Next(100) < SubkeyPercent)
        {
            certificate.Add(PacketTag.PublicSubkey, SyntheticPackets.EncryptionKey(random, time));
            certificate.Add(PacketTag.Signature, SyntheticPackets.Signature(random, SignatureType.SubkeyBinding, time, fingerprint, Encrypt));
        }

        return certificate.ToArray();
    }

    private static byte[] FingerprintOf(byte[] primaryKey) =>
        SHA1.HashData([0x99, (byte)(primaryKey.Length >> 8), (byte)primaryKey.Length, .. primaryKey]);

    private static uint CreationTimeOf(int number) => (uint)(FirstCreationTime + (number * 1_000L % 300_000_000L));

    // From a generator of its own, so that others can name its fingerprint without making the whole certificate.
    private byte[] PrimaryKeyOf(int number) => SyntheticPackets.SigningKey(new Random(~HashOf(number)), CreationTimeOf(number));

    private int HashOf(int number) => unchecked((seed * (int)0x9E3779B1) ^ (number * (int)0x85EBCA6B));
}
