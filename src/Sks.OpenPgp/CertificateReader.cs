using System.Buffers;

namespace Sks.OpenPgp;

/// <summary>Reads the packets of one certificate by SKS's grammar and puts them in SKS's canonical order.</summary>
/// <remarks>
/// <code>
/// certificate := public-key signature* user* subkey*      (subkeys only for version 4 and 6 primary keys)
/// user        := (user-id | user-attribute) signature*
/// subkey      := public-subkey signature*
/// </code>
/// Anything else rejects the certificate as a whole; nothing is dropped from inside one and nothing is verified.
/// Source: keyMerge.ml, parsePGP.ml ("yminsky.dedup").
/// </remarks>
public static class CertificateReader
{
    /// <summary>Reads one certificate from exactly its bytes; the result refers to that memory.</summary>
    /// <param name="input">One certificate, binary.</param>
    /// <param name="limits">Bounds, checked before anything is allocated.</param>
    /// <param name="certificate">The result.</param>
    /// <param name="error">Why not, and where.</param>
    public static bool TryRead(ReadOnlyMemory<byte> input, OpenPgpLimits limits, out Certificate certificate, out ParseError error)
    {
        certificate = null!;
        if (!TryReadPackets(input, limits, out List<Packet> packets, out List<int> offsets, out error))
            return false;

        ParseErrorCode code = CheckStart(packets);
        if (code != ParseErrorCode.None)
        {
            error = new ParseError(code, 0);
            return false;
        }

        if (!PublicKeyPacket.TryParse(packets[0].Body, out PublicKeyPacket primaryKey, out code))
        {
            error = new ParseError(code, 0);
            return false;
        }

        int next = 1;
        List<Packet> directSignatures = TakeSignatures(packets, ref next);
        List<CertificateComponent> userIds = TakeComponents(packets, ref next, PacketTag.UserId, PacketTag.UserAttribute);
        List<CertificateComponent> subkeys = primaryKey.Version >= 4
            ? TakeComponents(packets, ref next, PacketTag.PublicSubkey, PacketTag.PublicSubkey)
            : [];
        if (next < packets.Count)
        {
            bool isSecret = packets[next].Tag is PacketTag.SecretKey or PacketTag.SecretSubkey;
            error = new ParseError(isSecret ? ParseErrorCode.SecretKey : ParseErrorCode.UnexpectedPacket, offsets[next]);
            return false;
        }

        certificate = new Certificate(
            primaryKey,
            SignatureList.Ascending(directSignatures),
            ComponentList.Canonicalise(userIds),
            ComponentList.Canonicalise(subkeys));
        return true;
    }

    private static bool TryReadPackets(
        ReadOnlyMemory<byte> input, OpenPgpLimits limits, out List<Packet> packets, out List<int> offsets, out ParseError error)
    {
        packets = [];
        offsets = [];
        error = default;
        for (int offset = 0; offset < input.Length;)
        {
            OperationStatus status = PacketHeader.TryRead(input.Span[offset..], out PacketHeader header, out ParseErrorCode code);
            if (status == OperationStatus.Done)
                code = CheckLimits(header, packets.Count, offset, limits);
            if (status == OperationStatus.NeedMoreData || (code == ParseErrorCode.None && header.TotalLength > input.Length - offset))
                code = ParseErrorCode.Truncated;
            if (code != ParseErrorCode.None)
            {
                error = new ParseError(code, offset);
                return false;
            }

            packets.Add(new Packet(header.Tag, input.Slice(offset + header.HeaderLength, (int)header.BodyLength)));
            offsets.Add(offset);
            offset += (int)header.TotalLength;
        }

        return true;
    }

    private static ParseErrorCode CheckLimits(in PacketHeader header, int packetCount, int offset, OpenPgpLimits limits)
    {
        if (header.BodyLength > (uint)limits.MaxPacketBytes)
            return ParseErrorCode.PacketTooLarge;
        return packetCount == limits.MaxPackets || offset + header.TotalLength > limits.MaxCertificateBytes
            ? ParseErrorCode.CertificateTooLarge
            : ParseErrorCode.None;
    }

    private static ParseErrorCode CheckStart(List<Packet> packets) => packets switch
    {
        [] => ParseErrorCode.NoData,
        [{ Tag: PacketTag.PublicKey }, ..] => ParseErrorCode.None,
        [{ Tag: PacketTag.SecretKey or PacketTag.SecretSubkey }, ..] => ParseErrorCode.SecretKey,
        [{ Tag: PacketTag.Signature } first, ..] when IsRevocation(first) => ParseErrorCode.StandaloneRevocation,
        _ => ParseErrorCode.NoPrimaryKey,
    };

    private static bool IsRevocation(in Packet packet) =>
        SignaturePacket.TryParse(packet.Span, out SignaturePacket signature) && signature.IsRevocation;

    private static List<Packet> TakeSignatures(List<Packet> packets, ref int next)
    {
        int start = next;
        while (next < packets.Count && packets[next].Tag == PacketTag.Signature)
            next++;
        return packets.GetRange(start, next - start);
    }

    private static List<CertificateComponent> TakeComponents(List<Packet> packets, ref int next, PacketTag tag, PacketTag otherTag)
    {
        List<CertificateComponent> components = [];
        while (next < packets.Count && (packets[next].Tag == tag || packets[next].Tag == otherTag))
        {
            Packet component = packets[next++];
            components.Add(new CertificateComponent(component, TakeSignatures(packets, ref next)));
        }

        return components;
    }
}
