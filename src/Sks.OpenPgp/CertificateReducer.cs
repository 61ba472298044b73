namespace Sks.OpenPgp;

/// <summary>Makes a certificate of some of the packets of another one. Packets are left out, never changed.</summary>
public static class CertificateReducer
{
    /// <summary>The certificate without some of its user IDs and all signatures on them; the same object when it has none of them.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="isLeftOut">Whether a user ID, given as the bytes of its packet's body, is to be left out.</param>
    public static Certificate WithoutUserIds(Certificate certificate, Predicate<ReadOnlyMemory<byte>> isLeftOut)
    {
        List<CertificateComponent> kept =
            [.. certificate.UserIds.Where(component => component.Packet.Tag != PacketTag.UserId || !isLeftOut(component.Packet.Body))];
        return kept.Count == certificate.UserIds.Count
            ? certificate
            : new Certificate(certificate.PrimaryKey, certificate.Identity, certificate.DirectSignatures, kept, certificate.Subkeys);
    }

    /// <summary>
    /// The primary key and what says that it is revoked; null when nothing does. That the signatures are the key's own is not verified.
    /// </summary>
    /// <remarks>A key revocation is about the key wherever it stands: who appends it to a certificate puts it under the last subkey.</remarks>
    public static Certificate? OnlyRevocations(Certificate certificate)
    {
        List<Packet> revocations =
        [
            .. certificate.DirectSignatures
                .Concat(certificate.UserIds.Concat(certificate.Subkeys).SelectMany(static component => component.Signatures))
                .Where(IsKeyRevocation),
        ];
        if (revocations.Count == 0)
            return null;
        return revocations.Count + 1 == certificate.PacketCount
            ? certificate
            : new Certificate(certificate.PrimaryKey, certificate.Identity, SignatureList.Ascending(revocations), [], []);
    }

    private static bool IsKeyRevocation(Packet packet) =>
        SignaturePacket.TryParse(packet.Span, out SignaturePacket signature) && signature.Type == SignatureType.KeyRevocation;
}
