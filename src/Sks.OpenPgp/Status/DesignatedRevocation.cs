using Sks.OpenPgp.Verification;

namespace Sks.OpenPgp;

/// <summary>A key revocation that claims to be by a key which the owner has designated for that.</summary>
/// <param name="Packet">The revocation.</param>
/// <param name="Revoker">The designated key that it names.</param>
public sealed record DesignatedRevocation(Packet Packet, DesignatedRevoker Revoker)
{
    /// <summary>Most that are read of one certificate: as many as a clean view holds.</summary>
    internal const int MaxPerCertificate = 16;

    /// <summary>Most designated keys that are read of one certificate, the first ones.</summary>
    internal const int MaxRevokers = 64;

    // A revocation names its issuer once or twice. One that names hundreds is made to cost time.
    private const int MaxIssuers = 16;
    private const int MaxDigestLength = 64;

    /// <summary>Whether the revoker really made it.</summary>
    /// <param name="revoked">Primary key of the certificate that is revoked.</param>
    /// <param name="revoker">A primary key; must have the revoker's fingerprint.</param>
    public bool IsBy(PublicKeyPacket revoked, PublicKeyPacket revoker)
    {
        if (revoker.Fingerprint != Revoker.Fingerprint || !SignaturePacket.TryParse(Packet.Span, out SignaturePacket claims))
            return false;
        using var key = VerificationKey.TryImport(revoker);
        if (key is null || !claims.Layout.IsComplete)
            return false;

        using var content = new SignedContent(revoked);
        Span<byte> digest = stackalloc byte[MaxDigestLength];
        digest = digest[..content.Hash(claims, Packet.Span, digest)];
        return !digest.IsEmpty
            && key.Verify(claims.Algorithm, claims.Hash, digest, Packet.Span[claims.Layout.Material]) != SignatureVerdict.Invalid;
    }

    /// <summary>Those of a certificate that are looked at for display: the first <see cref="MaxPerCertificate"/>.</summary>
    internal static List<DesignatedRevocation> ReadAll(VerifiedCertificate verified)
    {
        List<DesignatedRevocation> revocations = [];
        Dictionary<KeyId, DesignatedRevoker>? revokers = null;
        Certificate certificate = verified.Certificate;
        for (int i = 0; i < certificate.DirectSignatures.Count && revocations.Count < MaxPerCertificate; i++)
        {
            Packet packet = certificate.DirectSignatures[i];
            bool isByOther = (verified.Verdicts.Span[1 + i] & PacketVerdict.OutcomeMask) == PacketVerdict.ByOther;
            if (!isByOther || !SignaturePacket.TryParse(packet.Span, out SignaturePacket claims) || claims.Type != SignatureType.KeyRevocation)
                continue;
            revokers ??= ReadRevokers(verified);
            if (revokers.Count == 0)
                break;
            foreach (KeyId issuer in IssuerFields.Read(claims, packet.Span, MaxIssuers))
            {
                if (revocations.Count < MaxPerCertificate && revokers.TryGetValue(issuer, out DesignatedRevoker revoker))
                    revocations.Add(new DesignatedRevocation(packet, revoker));
            }
        }

        return revocations;
    }

    private static Dictionary<KeyId, DesignatedRevoker> ReadRevokers(VerifiedCertificate verified)
    {
        Dictionary<KeyId, DesignatedRevoker> revokers = [];
        int index = 0;
        foreach (Packet packet in verified.Certificate.Packets)
        {
            bool isProven = (verified.Verdicts.Span[index++] & PacketVerdict.OutcomeMask) == PacketVerdict.Proven;
            if (!isProven || !SignaturePacket.TryParse(packet.Span, out SignaturePacket claims) || claims.Version < 4)
                continue;
            foreach (DesignatedRevoker revoker in DesignatedRevoker.ReadAll(claims, packet.Span))
            {
                revokers.TryAdd(revoker.KeyId, revoker);
                if (revokers.Count == MaxRevokers)
                    return revokers;
            }
        }

        return revokers;
    }
}
