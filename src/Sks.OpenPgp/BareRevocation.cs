using System.Buffers;

namespace Sks.OpenPgp;

/// <summary>Key revocations that come without the certificate they revoke, as made when a key is, to be kept in a drawer.</summary>
public static class BareRevocation
{
    /// <summary>The most that one input may hold.</summary>
    public const int MaxCount = 16;

    /// <summary>Reads an input that holds nothing but key revocations.</summary>
    /// <param name="input">Packets, binary.</param>
    /// <param name="revocations">Each with what it claims; every one names its issuer.</param>
    public static bool TryRead(ReadOnlyMemory<byte> input, out IReadOnlyList<(Packet Packet, KeyId Issuer)> revocations)
    {
        List<(Packet Packet, KeyId Issuer)> found = [];
        revocations = found;
        while (!input.IsEmpty && found.Count < MaxCount)
        {
            if (PacketHeader.TryRead(input.Span, out PacketHeader header, out _) != OperationStatus.Done
                || header.Tag != PacketTag.Signature
                || header.TotalLength > input.Length)
            {
                return false;
            }

            var packet = new Packet(header.Tag, input.Slice(header.HeaderLength, (int)header.BodyLength));
            bool isUsable = SignaturePacket.TryParse(packet.Span, out SignaturePacket claims) && claims.Type == SignatureType.KeyRevocation;
            if (!isUsable || claims.Issuer is not { } issuer)
                return false;
            found.Add((packet, issuer));
            input = input[(int)header.TotalLength..];
        }

        return input.IsEmpty && found.Count > 0;
    }

    /// <summary>The revocation as a version of the certificate that it may revoke.</summary>
    public static Certificate AttachTo(PublicKeyPacket primaryKey, Packet revocation) =>
        new(primaryKey, CertificateIdentity.Of(primaryKey), [revocation], [], []);
}
