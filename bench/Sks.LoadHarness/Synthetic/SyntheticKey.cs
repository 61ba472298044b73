using System.Security.Cryptography;
using NSec.Cryptography;
using Sks.OpenPgp;

namespace Sks.LoadHarness.Synthetic;

/// <summary>A primary key that signs: Ed25519 as version 4 writes it. Its creation time makes it unlike others of the same pair.</summary>
internal sealed class SyntheticKey
{
    private readonly Key _pair;

    public SyntheticKey(Key pair, uint creationTime)
    {
        _pair = pair;
        CreationTime = creationTime;
        Body = SyntheticPackets.SigningKey(pair.PublicKey.Export(KeyBlobFormat.RawPublicKey), creationTime);
        Fingerprint = SHA1.HashData(SyntheticPackets.HashedKey(Body));
    }

    /// <summary>Seconds since 1970 UTC.</summary>
    public uint CreationTime { get; }

    /// <summary>Body of its packet.</summary>
    public byte[] Body { get; }

    /// <summary>20 bytes.</summary>
    public byte[] Fingerprint { get; }

    /// <summary>Body of a signature packet.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="time">When it was made.</param>
    /// <param name="signed">What it is over, as it is hashed.</param>
    /// <param name="keyFlags">What the key may do, when it says so.</param>
    public byte[] Sign(SignatureType type, uint time, byte[] signed, byte? keyFlags)
    {
        byte[] head = SyntheticPackets.SignatureHead(type, time, Fingerprint, keyFlags);
        byte[] digest = SHA256.HashData([.. signed, .. head, .. SyntheticPackets.Trailer(head)]);
        byte[] value = SignatureAlgorithm.Ed25519.Sign(_pair, digest);
        return SyntheticPackets.Signature(head, Fingerprint, digest, value);
    }
}
