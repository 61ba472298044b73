namespace Sks.OpenPgp;

/// <summary>What the owner says about a user ID or attribute.</summary>
/// <param name="Component">The packet and its signatures.</param>
/// <param name="Created">When the newest self-signature was made, in seconds since 1970; null when there is none that counts.</param>
/// <param name="Expires">When that expires; null for never.</param>
/// <param name="IsRevoked">Whether the owner has taken it back, and not renewed it since.</param>
/// <param name="IsExpired">Whether its newest self-signature has expired.</param>
/// <param name="PrimarySince">When the owner last marked it as the primary one, in seconds since 1970; null when it is not.</param>
public sealed record UserIdStatus(
    CertificateComponent Component, long? Created, long? Expires, bool IsRevoked, bool IsExpired, long? PrimarySince)
{
    /// <summary>Whether it is a user attribute, which indexes for machines leave out.</summary>
    public bool IsAttribute => Component.Packet.Tag == PacketTag.UserAttribute;

    /// <summary>The user ID as text; may hold anything.</summary>
    public string Text => UserIdText.Decode(Component.Packet.Span);

    internal static UserIdStatus Of(CertificateComponent component, SelfSignatures statements)
    {
        SignaturePacket? newest = statements.Newest;
        return new UserIdStatus(
            component,
            newest?.CreationTime,
            newest is null ? null : SelfSignatures.ExpiryOf(newest),
            statements.IsRevoked(isRestorable: true),
            newest is not null && statements.HasExpired(newest),
            newest is { IsPrimaryUserId: true } ? newest.CreationTime : null);
    }
}
