using System.Buffers.Binary;
using Sks.OpenPgp.Verification;

namespace Sks.OpenPgp;

/// <summary>What the dialects read of a signature. Who wrote it down decides, not what it is worth.</summary>
internal sealed class DialectSignature
{
    private const byte UsedForSigning = 0x02;

    private readonly SignaturePacket _claims;

    private DialectSignature(SignaturePacket claims) => _claims = claims;

    /// <summary>2, 3, 4 or 6.</summary>
    public byte Version => _claims.Version;

    /// <summary>What it says.</summary>
    public SignatureType Type => _claims.Type;

    /// <summary>Algorithm of the signer's key.</summary>
    public PublicKeyAlgorithm Algorithm => _claims.Algorithm;

    /// <summary>Seconds since 1970 UTC.</summary>
    public uint CreationTime => _claims.CreationTime!.Value;

    /// <summary>Whether it says that what it revokes was never to be trusted. Only a hashed reason counts.</summary>
    public bool IsHard => _claims.IsHardRevocation;

    /// <summary>Whether it says of a subkey that it may sign, which the subkey has to accept.</summary>
    public bool NeedsBackSignature => ((_claims.KeyFlags ?? 0) & UsedForSigning) != 0;

    private KeyId Issuer { get; set; }

    private bool HasIssuer { get; set; }

    private int EmbeddedSignatures { get; set; }

    private List<byte[]> IssuerFingerprints { get; } = [];

    /// <summary>Whether it claims to be by a key: the issuer that is named last counts, the unhashed area after the hashed one, or any fingerprint.</summary>
    public bool Claims(PublicKeyPacket key) =>
        Issuer == key.KeyId || IssuerFingerprints.Exists(fingerprint => key.Fingerprint.Span.SequenceEqual(fingerprint));

    /// <summary>Reads a signature; null for what the dialects drop as unreadable.</summary>
    public static DialectSignature? TryRead(ReadOnlySpan<byte> body, DialectRules rules)
    {
        if (!SignaturePacket.TryParse(body, out SignaturePacket claims)
            || !claims.Layout.IsComplete
            || !IsKnownHash(claims)
            || !HasMaterial(claims, body[claims.Layout.Material], rules))
        {
            return null;
        }

        var signature = new DialectSignature(claims);
        if (claims.Version < 4)
        {
            signature.Issuer = claims.Issuer!.Value;
            signature.HasIssuer = true;
            return signature;
        }

        bool isReadable = claims.CreationTime is not null
            && signature.TryReadArea(body[claims.Layout.HashedArea], isHashed: true, rules)
            && signature.TryReadArea(body[claims.Layout.UnhashedArea], isHashed: false, rules);
        return isReadable && signature.HasIssuer ? signature : null;
    }

    private static bool IsKnownHash(SignaturePacket claims) => claims.Hash switch
    {
        SignatureHash.Md5 => claims.Version < 4,
        SignatureHash.Sha1 => claims.Version < 6,
        SignatureHash.RipeMd160 => false,
        _ => SignatureHashes.GetLength(claims.Hash) > 0,
    };

    private static bool HasMaterial(SignaturePacket claims, ReadOnlySpan<byte> material, DialectRules rules) => claims.Algorithm switch
    {
        PublicKeyAlgorithm.Rsa or PublicKeyAlgorithm.RsaSignOnly => HasIntegers(material, 1),
        PublicKeyAlgorithm.Dsa => HasIntegers(material, 2),
        PublicKeyAlgorithm.Ecdsa or PublicKeyAlgorithm.EdDsaLegacy => claims.Version >= 4 && HasIntegers(material, 2),
        PublicKeyAlgorithm.Ed25519 => claims.Version >= 4 && material.Length >= 64,
        PublicKeyAlgorithm.Ed448 => claims.Version >= 4 && material.Length >= 114,
        PublicKeyAlgorithm.MlDsa65Ed25519 => rules.KnowsRfc9980 && claims.Version >= 4 && material.Length >= 64 + 3309,
        PublicKeyAlgorithm.MlDsa87Ed448 => rules.KnowsRfc9980 && claims.Version >= 4 && material.Length >= 114 + 4627,
        PublicKeyAlgorithm.SlhDsaShake128s => rules.KnowsRfc9980 && claims.Version >= 4 && material.Length >= 7856,
        PublicKeyAlgorithm.SlhDsaShake128f => rules.KnowsRfc9980 && claims.Version >= 4 && material.Length >= 17_088,
        PublicKeyAlgorithm.SlhDsaShake256s => rules.KnowsRfc9980 && claims.Version >= 4 && material.Length >= 29_792,
        _ => false,
    };

    private static bool HasIntegers(ReadOnlySpan<byte> material, int count)
    {
        while (count > 0 && MultiprecisionInteger.TryRead(ref material, out _))
            count--;
        return count == 0;
    }

    private bool TryReadArea(ReadOnlySpan<byte> area, bool isHashed, DialectRules rules)
    {
        var reader = new SubpacketReader(area);
        while (reader.MoveNext())
        {
            bool isReadable = reader.Type switch
            {
                SubpacketType.Issuer => TryReadIssuer(reader),
                SubpacketType.IssuerFingerprint => TryReadFingerprint(reader),
                SubpacketType.EmbeddedSignature => TryReadEmbedded(reader.Content, rules),
                _ => !isHashed || IsWellFormed(reader),
            };
            if (!isReadable)
                return false;
        }

        return !reader.IsMalformed;
    }

    private bool TryReadIssuer(in SubpacketReader subpacket)
    {
        if (subpacket.Content.Length != KeyId.Length)
            return false;
        (Issuer, HasIssuer) = (KeyId.Read(subpacket.Content), true);
        return true;
    }

    private bool TryReadFingerprint(in SubpacketReader subpacket)
    {
        if (!IsFingerprint(subpacket.Content))
            return false;
        if (SignaturePacket.ReadIssuerOf(subpacket) is { } issuer)
            (Issuer, HasIssuer) = (issuer, true);
        IssuerFingerprints.Add(subpacket.Content[1..].ToArray());
        return true;
    }

    private bool TryReadEmbedded(ReadOnlySpan<byte> content, DialectRules rules)
    {
        if (++EmbeddedSignatures > 1 || content.IsEmpty || content[0] < 4)
            return false;
        return TryRead(content, rules) is { Type: SignatureType.PrimaryKeyBinding };
    }

    // What is said besides must be said as the standard asks, and what must not be overlooked must be known.
    private static bool IsWellFormed(in SubpacketReader subpacket)
    {
        ReadOnlySpan<byte> content = subpacket.Content;
        return subpacket.Type switch
        {
            SubpacketType.CreationTime or SubpacketType.SignatureExpiration or SubpacketType.KeyExpiration => content.Length == 4,
            SubpacketType.Exportable => !content.IsEmpty && content[0] != 0,
            SubpacketType.Trust => content.Length == 2,
            SubpacketType.RegularExpression => !content.IsEmpty && content[^1] == 0,
            SubpacketType.PrimaryUserId => content.Length == 1,
            SubpacketType.RevocationReason => !content.IsEmpty,
            SubpacketType.IntendedRecipient => IsFingerprint(content),
            SubpacketType.PreferredAeadCiphersuites => content.Length % 2 == 0,
            SubpacketType.Notation => IsNotation(content),
            SubpacketType.PreferredCiphers or (>= SubpacketType.PreferredHashes and <= SubpacketType.PreferredKeyServer) => true,
            SubpacketType.PolicyUri or SubpacketType.KeyFlags or SubpacketType.SignerUserId or SubpacketType.Features => true,
            _ => !subpacket.IsCritical,
        };
    }

    private static bool IsFingerprint(ReadOnlySpan<byte> content) =>
        !content.IsEmpty && content.Length == 1 + (content[0] < 5 ? Fingerprint.Version4Length : Fingerprint.Version6Length);

    private static bool IsNotation(ReadOnlySpan<byte> content) =>
        content.Length >= 8
        && content.Length == 8 + BinaryPrimitives.ReadUInt16BigEndian(content[4..]) + BinaryPrimitives.ReadUInt16BigEndian(content[6..]);
}
