using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;
using Sks.OpenPgp;

namespace Sks.LoadHarness.Synthetic;

/// <summary>Small certificates as modern clients make them, as many as wanted, always the same for one seed.</summary>
/// <remarks>
/// A primary key, a user ID and its self-signature; four in five with a subkey and its binding, one in two with a signature by
/// another of them. About 420 bytes each. Every signature verifies. A few hundred key pairs serve all: creation times make them differ.
/// </remarks>
public sealed class SyntheticKeyring(int seed)
{
    private const int FirstCreationTime = 1_400_000_000;
    private const int SecondsBetween = 1_000;
    private const int NumbersPerSweep = 300_000;
    private const int KeyPairs = 256;
    private const int SubkeyPercent = 80;
    private const int ThirdPartyPercent = 50;
    private const int WrittenTogether = 4_096;
    private const uint Day = 86_400;
    private const byte SignAndCertify = 0x03;
    private const byte Encrypt = 0x0C;

    private readonly Key[] _pairs = [.. Enumerable.Range(0, KeyPairs).Select(i => MakePair(seed, i))];

    /// <summary>Writes certificates one after the other.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="first">Number of the first one.</param>
    /// <param name="count">How many.</param>
    public void Write(Stream destination, int first, int count)
    {
        for (int start = 0; start < count; start += WrittenTogether)
        {
            var made = new byte[Math.Min(WrittenTogether, count - start)][];
            int offset = first + start;
            Parallel.For(0, made.Length, i => made[i] = Create(offset + i));
            foreach (byte[] certificate in made)
                destination.Write(certificate);
        }
    }

    /// <summary>The certificate with a number, binary.</summary>
    public byte[] Create(int number)
    {
        var random = new Random(HashOf(number));
        SyntheticKey primary = PrimaryKeyOf(number);
        uint time = primary.CreationTime;
        byte[] userId = Encoding.UTF8.GetBytes(SyntheticNames.UserId(random, number));
        byte[] hashedKey = SyntheticPackets.HashedKey(primary.Body);
        byte[] certified = [.. hashedKey, .. SyntheticPackets.HashedUserId(userId)];

        var certificate = new PacketBuffer();
        certificate.Add(PacketTag.PublicKey, primary.Body);
        certificate.Add(PacketTag.UserId, userId);
        certificate.Add(PacketTag.Signature, primary.Sign(SignatureType.PositiveCertification, time, certified, SignAndCertify));
        if (random.Next(100) < ThirdPartyPercent)
        {
            SyntheticKey other = PrimaryKeyOf(random.Next(Math.Max(1, number)));
            uint later = Math.Max(time, other.CreationTime) + Day;
            certificate.Add(PacketTag.Signature, other.Sign(SignatureType.GenericCertification, later, certified, null));
        }

        if (random.Next(100) < SubkeyPercent)
        {
            byte[] subkey = SyntheticPackets.EncryptionKey(random, time);
            byte[] bound = [.. hashedKey, .. SyntheticPackets.HashedKey(subkey)];
            certificate.Add(PacketTag.PublicSubkey, subkey);
            certificate.Add(PacketTag.Signature, primary.Sign(SignatureType.SubkeyBinding, time, bound, Encrypt));
        }

        return certificate.ToArray();
    }

    private static Key MakePair(int seed, int index) => Key.Import(
        SignatureAlgorithm.Ed25519,
        SHA256.HashData(Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{seed} {index}"))),
        KeyBlobFormat.RawPrivateKey);

    // No two numbers share a time.
    private static uint CreationTimeOf(int number) =>
        (uint)(FirstCreationTime + (number % NumbersPerSweep * SecondsBetween) + (number / NumbersPerSweep));

    // Others can name it without making the whole certificate.
    private SyntheticKey PrimaryKeyOf(int number) => new(_pairs[(uint)~HashOf(number) % KeyPairs], CreationTimeOf(number));

    private int HashOf(int number) => unchecked((seed * (int)0x9E3779B1) ^ (number * (int)0x85EBCA6B));
}
