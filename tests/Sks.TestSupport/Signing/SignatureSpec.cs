using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Sks.OpenPgp;
using Sks.OpenPgp.Verification;

namespace Sks.TestSupport.Signing;

/// <summary>A signature to be made, right unless told otherwise. Every call returns a changed copy.</summary>
/// <remarks>
/// By default: the version of the signer's key (3 for older ones), its favourite hash, the time of the newest key involved, the signer's
/// fingerprint in the hashed area and, in version 4, its key ID in the unhashed one. Source: RFC 9580 sections 5.2.2 to 5.2.4.
/// </remarks>
public sealed record SignatureSpec(SignatureType Type)
{
    private const int KeyTimeOffset = 1;

    private int? Version { get; init; }

    private SignatureHash? Hash { get; init; }

    private uint? Time { get; init; }

    private bool HasCreationTime { get; init; } = true;

    private bool HasIssuer { get; init; } = true;

    private SigningKey? ClaimedSigner { get; init; }

    private ImmutableList<Subpacket> HashedSubpackets { get; init; } = [];

    private ImmutableList<Subpacket> UnhashedSubpackets { get; init; } = [];

    private SignatureForm Form { get; init; }

    private bool HasHashTag { get; init; } = true;

    private byte[]? ChosenSalt { get; init; }

    /// <summary>Another version than the key's: 2, 3, 4 or 6.</summary>
    public SignatureSpec AsVersion(int version) => this with { Version = version };

    /// <summary>Another hash algorithm.</summary>
    public SignatureSpec HashedWith(SignatureHash hash) => this with { Hash = hash };

    /// <summary>When it was made, in seconds since 1970 UTC.</summary>
    public SignatureSpec At(uint time) => this with { Time = time };

    /// <summary>When it was made, unless that has been said.</summary>
    public SignatureSpec AtOrElse(uint time) => this with { Time = Time ?? time };

    /// <summary>Does not say when.</summary>
    public SignatureSpec WithoutCreationTime() => this with { HasCreationTime = false };

    /// <summary>Does not say by whom.</summary>
    public SignatureSpec WithoutIssuer() => this with { HasIssuer = false };

    /// <summary>Says that somebody else made it.</summary>
    public SignatureSpec ClaimingIssuer(SigningKey signer) => this with { ClaimedSigner = signer };

    /// <summary>A subpacket in the hashed area, behind the others.</summary>
    public SignatureSpec With(Subpacket subpacket) => this with { HashedSubpackets = HashedSubpackets.Add(subpacket) };

    /// <summary>A subpacket in the unhashed area, behind the others.</summary>
    public SignatureSpec WithUnhashed(Subpacket subpacket) => this with { UnhashedSubpackets = UnhashedSubpackets.Add(subpacket) };

    /// <summary>Its numbers written in another way.</summary>
    public SignatureSpec Written(SignatureForm form) => this with { Form = form };

    /// <summary>A 16-bit hash tag that is wrong; everything else is right.</summary>
    public SignatureSpec WithWrongHashTag() => this with { HasHashTag = false };

    /// <summary>Version 6: this salt, whatever length the hash algorithm asks for.</summary>
    public SignatureSpec Salted(byte[] salt) => this with { ChosenSalt = salt };

    /// <summary>What the key may do.</summary>
    public SignatureSpec For(KeyUse use) => With(Subpacket.KeyFlags(use));

    /// <summary>Seconds after which it expires.</summary>
    public SignatureSpec Expiring(uint seconds) => With(Subpacket.SignatureExpiration(seconds));

    /// <summary>Seconds after the key's creation when the key expires.</summary>
    public SignatureSpec KeyExpiring(uint seconds) => With(Subpacket.KeyExpiration(seconds));

    /// <summary>Marks the user ID as primary.</summary>
    public SignatureSpec Primary() => With(Subpacket.PrimaryUserId());

    /// <summary>Must not be passed on.</summary>
    public SignatureSpec Local() => With(Subpacket.Exportable(false));

    /// <summary>A note.</summary>
    public SignatureSpec Noting(string name, string value) => With(Subpacket.Notation(name, System.Text.Encoding.UTF8.GetBytes(value)));

    /// <summary>Why something is revoked.</summary>
    public SignatureSpec Because(byte code, string text = "") => With(Subpacket.RevocationReason(code, text));

    /// <summary>Makes it: the body of a signature packet.</summary>
    public byte[] Sign(SigningKey signer, SignedOver over)
    {
        int version = Version ?? (signer.Version < 4 ? 3 : signer.Version);
        SignatureHash hash = Hash ?? (version < 4 || signer.Version >= 4 ? signer.Hash : SignatureHash.Sha256);
        return version switch
        {
            2 or 3 => SignVersion3((byte)version, hash, signer, over),
            4 or 6 => SignVersion4((byte)version, hash, signer, over),
            _ => throw new InvalidOperationException($"There are no signatures of version {version}."),
        };
    }

    /// <summary>The digest by which an attestation names a certification. Source: draft-ietf-openpgp-rfc4880bis section 5.2.4.</summary>
    /// <param name="hash">Of the attestation, not of the certification.</param>
    /// <param name="certification">Body of a signature packet, version 4 or 6.</param>
    public static byte[] AttestedDigest(SignatureHash hash, ReadOnlySpan<byte> certification)
    {
        // The unhashed area is left out, and its length is 0.
        int lengthSize = certification[0] == 6 ? 4 : 2;
        int hashedEnd = 4 + lengthSize + ReadLength(certification[4..], lengthSize);
        int unhashedEnd = hashedEnd + lengthSize + ReadLength(certification[hashedEnd..], lengthSize);
        byte[] body = [.. certification[..hashedEnd], .. new byte[lengthSize], .. certification[unhashedEnd..]];
        return SignatureDigest.Compute(hash, [0x88, .. Number((uint)body.Length, 4), .. body]);
    }

    private byte[] SignVersion3(byte version, SignatureHash hash, SigningKey signer, SignedOver over)
    {
        if (HashedSubpackets.Count + UnhashedSubpackets.Count > 0)
            throw new InvalidOperationException($"Signatures of version {version} have no subpackets.");
        byte[] hashed = [(byte)Type, .. Number(TimeFor(signer, over), 4)];
        byte[] digest = SignatureDigest.Compute(hash, [.. over.Write(version), .. hashed]);
        var issuer = new byte[KeyId.Length];
        (ClaimedSigner ?? signer).KeyId.Write(issuer);
        return
        [
            version, (byte)hashed.Length, .. hashed, .. HasIssuer ? issuer : new byte[KeyId.Length],
            (byte)signer.Algorithm, (byte)hash, .. HashTag(digest), .. signer.Sign(hash, digest, Form),
        ];
    }

    private byte[] SignVersion4(byte version, SignatureHash hash, SigningKey signer, SignedOver over)
    {
        int lengthSize = version == 6 ? 4 : 2;
        (byte[] hashed, byte[] unhashed) = Areas(version, signer, over);
        byte[] head = [version, (byte)Type, (byte)signer.Algorithm, (byte)hash, .. Number((uint)hashed.Length, lengthSize), .. hashed];
        byte[] salt = version == 6 ? Salt(hash, head, signer) : [];
        byte[] digest = SignatureDigest.Compute(
            hash, [.. salt, .. over.Write(version), .. head, version, 0xFF, .. Number((uint)head.Length, 4)]);
        return
        [
            .. head, .. Number((uint)unhashed.Length, lengthSize), .. unhashed, .. HashTag(digest),
            .. version == 6 ? (byte[])[(byte)salt.Length, .. salt] : [], .. signer.Sign(hash, digest, Form),
        ];
    }

    private (byte[] Hashed, byte[] Unhashed) Areas(byte version, SigningKey signer, SignedOver over)
    {
        SigningKey claimed = ClaimedSigner ?? signer;
        List<Subpacket> hashed = [];
        List<Subpacket> unhashed = [];
        if (HasCreationTime)
            hashed.Add(Subpacket.CreationTime(TimeFor(signer, over)));
        if (HasIssuer && claimed.Version >= 4)
            hashed.Add(Subpacket.IssuerFingerprint(claimed));
        if (HasIssuer && version == 4)
            unhashed.Add(Subpacket.Issuer(claimed));
        return (Area(hashed.Concat(HashedSubpackets)), Area(unhashed.Concat(UnhashedSubpackets)));
    }

    private static byte[] Area(IEnumerable<Subpacket> subpackets) => [.. subpackets.SelectMany(static subpacket => subpacket.Write())];

    // After the keys it speaks of, as readers demand.
    private uint TimeFor(SigningKey signer, SignedOver over)
    {
        uint component = over.Tag == PacketTag.PublicSubkey ? KeyTime(over.Component!) : 0;
        return Time ?? Math.Max(signer.CreationTime, Math.Max(KeyTime(over.Primary), component));
    }

    private static uint KeyTime(byte[] key) => BinaryPrimitives.ReadUInt32BigEndian(key.AsSpan(KeyTimeOffset));

    private byte[] Salt(SignatureHash hash, byte[] head, SigningKey signer) =>
        ChosenSalt ?? SHA512.HashData([.. head, .. signer.Body])[..SignatureDigest.SaltLength(hash)];

    private byte[] HashTag(byte[] digest) => HasHashTag ? digest[..2] : [(byte)(digest[0] ^ 0xFF), digest[1]];

    private static int ReadLength(ReadOnlySpan<byte> bytes, int size) =>
        size == 4 ? (int)BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static byte[] Number(uint value, int size)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes[^size..];
    }
}
