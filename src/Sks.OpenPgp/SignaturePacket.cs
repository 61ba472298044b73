using System.Buffers.Binary;
using Sks.OpenPgp.Verification;

namespace Sks.OpenPgp;

/// <summary>What a signature packet claims. Nothing here is verified.</summary>
/// <remarks>
/// Versions 2 to 4 and 6. Where a subpacket comes several times in the hashed area, the last one counts, except issuers, of which the first does,
/// and key flags, which add up: no reader may find a use that was not looked at here.
/// Source: RFC 9580 sections 5.2.2 and 5.2.3.
/// </remarks>
public sealed partial record SignaturePacket
{
    /// <summary>2, 3, 4 or 6.</summary>
    public required byte Version { get; init; }

    /// <summary>What it says.</summary>
    public required SignatureType Type { get; init; }

    /// <summary>Algorithm of the signer's key.</summary>
    public required PublicKeyAlgorithm Algorithm { get; init; }

    /// <summary>Hash algorithm.</summary>
    public required SignatureHash Hash { get; init; }

    /// <summary>Seconds since 1970 UTC; null when a version 4 or 6 signature does not say.</summary>
    public uint? CreationTime { get; private set; }

    /// <summary>Seconds after creation when the signature expires; null or 0 for never.</summary>
    public uint? ExpiresAfter { get; private set; }

    /// <summary>Seconds after the key's creation when the key expires; null when not stated, 0 for never.</summary>
    public uint? KeyExpiresAfter { get; private set; }

    /// <summary>Key ID of the signer, from either area: it proves itself by the signature.</summary>
    public KeyId? Issuer { get; private set; }

    /// <summary>Whether the hashed area marks the user ID as primary.</summary>
    public bool IsPrimaryUserId { get; private set; }

    /// <summary>Whether the signature may be passed on.</summary>
    public bool IsExportable { get; private set; } = true;

    /// <summary>First byte of the key flags in the hashed area, of several all together; null when there are none.</summary>
    public byte? KeyFlags { get; private set; }

    /// <summary>Code of the reason for revocation in the hashed area; null when there is none.</summary>
    public byte? RevocationReason { get; private set; }

    /// <summary>Bytes of all notations in the hashed area together.</summary>
    public int NotationLength { get; private set; }

    /// <summary>Whether the hashed area holds a critical subpacket of a type nobody knows: the signature is not valid then.</summary>
    public bool HasUnknownCritical { get; private set; }

    /// <summary>Whether it names a designated revoker that its owner does not want published.</summary>
    public bool HasSensitiveRevoker { get; private set; }

    /// <summary>Whether it is a certification of a user ID or attribute (0x10 to 0x13).</summary>
    public bool IsCertification => Type is >= SignatureType.GenericCertification and <= SignatureType.PositiveCertification;

    /// <summary>Whether it revokes a key, a subkey or a certification.</summary>
    public bool IsRevocation =>
        Type is SignatureType.KeyRevocation or SignatureType.SubkeyRevocation or SignatureType.CertificationRevocation;

    /// <summary>
    /// Whether a revocation says that what it revokes was never to be trusted: no reason, an unspecific one (0), or a compromised
    /// key (2). Source: RFC 9580 section 5.2.3.31.
    /// </summary>
    public bool IsHardRevocation => IsRevocation && RevocationReason is null or 0 or 2;

    /// <summary>Where the parts lie in the body.</summary>
    internal SignatureLayout Layout { get; private init; }

    private void ReadHashed(in SubpacketReader subpacket)
    {
        ReadOnlySpan<byte> content = subpacket.Content;
        switch (subpacket.Type)
        {
            case SubpacketType.CreationTime when content.Length == 4:
                CreationTime = BinaryPrimitives.ReadUInt32BigEndian(content);
                break;
            case SubpacketType.SignatureExpiration when content.Length == 4:
                ExpiresAfter = BinaryPrimitives.ReadUInt32BigEndian(content);
                break;
            case SubpacketType.KeyExpiration when content.Length == 4:
                KeyExpiresAfter = BinaryPrimitives.ReadUInt32BigEndian(content);
                break;
            case SubpacketType.Exportable when content.Length == 1:
                IsExportable = content[0] != 0;
                break;
            case SubpacketType.PrimaryUserId when content.Length == 1:
                IsPrimaryUserId = content[0] != 0;
                break;
            case SubpacketType.KeyFlags:
                KeyFlags = (byte)((KeyFlags ?? 0) | (content.IsEmpty ? 0 : content[0]));
                break;
            case SubpacketType.RevocationReason when !content.IsEmpty:
                RevocationReason = content[0];
                break;
            case SubpacketType.Notation:
                NotationLength += content.Length;
                break;
            case SubpacketType.RevocationKey:
                HasSensitiveRevoker |= !content.IsEmpty && (content[0] & DesignatedRevoker.Sensitive) != 0;
                break;
            default:
                HasUnknownCritical |= subpacket.IsCritical && !Enum.IsDefined(subpacket.Type);
                break;
        }
    }

    // The first statement counts, so that the hashed area has the say.
    private void ReadIssuer(in SubpacketReader subpacket) => Issuer ??= ReadIssuerOf(subpacket);
}
