namespace Sks.OpenPgp;

/// <summary>What the owner says about a subkey.</summary>
/// <param name="Component">The packet and its signatures.</param>
/// <param name="Key">The key; null when it cannot be read.</param>
/// <param name="Expires">When the subkey expires, in seconds since 1970; null for never.</param>
/// <param name="IsRevoked">Whether the owner has revoked it.</param>
/// <param name="IsExpired">Whether it has expired.</param>
/// <param name="KeyFlags">What it may be used for, as the newest binding says; null when it does not.</param>
public sealed record SubkeyStatus(
    CertificateComponent Component, PublicKeyPacket? Key, long? Expires, bool IsRevoked, bool IsExpired, byte? KeyFlags)
{
    internal static SubkeyStatus Of(CertificateComponent component, SelfSignatures statements)
    {
        PublicKeyPacket? key = PublicKeyPacket.TryParse(component.Packet.Body, out PublicKeyPacket parsed, out _) ? parsed : null;
        long? expires = key is null ? null : KeyExpiry.Of(key, statements.Newest);
        return new SubkeyStatus(
            component, key, expires, statements.IsRevoked(isRestorable: false), expires <= statements.Now, statements.Newest?.KeyFlags);
    }
}
