using Sks.OpenPgp.Verification;

namespace Sks.OpenPgp;

/// <summary>Until when signatures by weak hashes count. The signature's own creation time decides, as there is no clock in a view.</summary>
/// <remarks>
/// RIPEMD-160 follows SHA-1: it is as short and less looked at. What the owner revokes stays revoked whatever the hash: forging a
/// revocation by a collision needs the owner's help, while losing one helps a thief.
/// </remarks>
internal static class HashRules
{
    // 2023-02-01 and 2019-01-19, 00:00 UTC
    private const uint EndOfShortSelfSignatures = 1_675_209_600;
    private const uint EndOfShortThirdPartySignatures = 1_547_856_000;

    /// <summary>Whether a signature by the certificate's own keys counts.</summary>
    public static bool AdmitOwn(SignaturePacket signature, byte keyVersion) =>
        Admit(signature, keyVersion, signature.IsRevocation ? uint.MaxValue : EndOfShortSelfSignatures);

    /// <summary>Whether a signature by another key counts.</summary>
    public static bool AdmitOther(SignaturePacket signature, byte keyVersion) =>
        Admit(signature, keyVersion, EndOfShortThirdPartySignatures);

    private static bool Admit(SignaturePacket signature, byte keyVersion, uint end) => signature.Hash switch
    {
        SignatureHash.Md5 => keyVersion < 4,
        SignatureHash.Sha1 or SignatureHash.RipeMd160 => signature.CreationTime < end,
        _ => true,
    };
}
