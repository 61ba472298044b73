using System.Buffers;

namespace Sks.OpenPgp;

/// <summary>Reads the packets of one certificate by SKS's grammar and puts them in SKS's canonical order.</summary>
/// <remarks>
/// <code>
/// certificate := public-key signature* user* subkey*      (subkeys only for version 4 and 6 primary keys)
/// user        := (user-id | user-attribute) signature*
/// subkey      := public-subkey signature*
/// </code>
/// Anything else rejects the certificate as a whole; nothing is dropped from inside one and nothing is verified. Certificates of version
/// 6, which SKS does not know, may hold packets that readers have to ignore (RFC 9580 sections 4.3, 5.8, 5.10 and 5.14); those are dropped.
/// Source: keyMerge.ml, parsePGP.ml ("yminsky.dedup").
/// </remarks>
public static class CertificateReader
{
    private const byte FirstNonCriticalTag = 40;

    /// <summary>Reads one certificate from exactly its bytes; the result refers to that memory.</summary>
    /// <param name="input">One certificate, binary.</param>
    /// <param name="limits">Bounds, checked before anything is allocated.</param>
    /// <param name="certificate">The result.</param>
    /// <param name="error">Why not, and where.</param>
    public static bool TryRead(ReadOnlyMemory<byte> input, OpenPgpLimits limits, out Certificate certificate, out ParseError error)
    {
        certificate = null!;
        if (!TryReadPackets(input, limits, out Packet[] packets, out error))
            return false;

        ParseErrorCode code = CheckStart(packets);
        if (code != ParseErrorCode.None || !PublicKeyPacket.TryParse(packets[0].Body, out PublicKeyPacket primaryKey, out code))
        {
            error = new ParseError(code, 0);
            return false;
        }

        int next = 1;
        ArraySegment<Packet> directSignatures = TakeSignatures(packets, ref next);
        List<CertificateComponent> userIds = TakeComponents(packets, ref next, PacketTag.UserId, PacketTag.UserAttribute);
        List<CertificateComponent> subkeys = primaryKey.Version >= 4
            ? TakeComponents(packets, ref next, PacketTag.PublicSubkey, PacketTag.PublicSubkey)
            : [];
        if (next < packets.Length)
        {
            bool isSecret = packets[next].Tag is PacketTag.SecretKey or PacketTag.SecretSubkey;
            error = new ParseError(isSecret ? ParseErrorCode.SecretKey : ParseErrorCode.UnexpectedPacket, OffsetOf(next, input.Span));
            return false;
        }

        certificate = new Certificate(
            primaryKey,
            CertificateIdentity.Of(primaryKey),
            directSignatures.Count == 0 ? [] : SignatureList.Ascending([.. directSignatures]),
            ComponentList.Canonicalise(userIds),
            ComponentList.Canonicalise(subkeys));
        return true;
    }

    private static bool TryReadPackets(ReadOnlyMemory<byte> input, OpenPgpLimits limits, out Packet[] packets, out ParseError error)
    {
        packets = [];
        if (!TryCountPackets(input.Span, limits, out int count, out error))
            return false;

        bool ignores = StartsWithVersion6Key(input.Span);
        packets = new Packet[count];
        int kept = 0;
        for (int offset = 0; offset < input.Length;)
        {
            PacketHeader.TryRead(input.Span[offset..], out PacketHeader header, out _);
            if (!ignores || !IsIgnorable(header.Tag))
                packets[kept++] = new Packet(header.Tag, input.Slice(offset + header.HeaderLength, (int)header.BodyLength));
            offset += (int)header.TotalLength;
        }

        Array.Resize(ref packets, kept);
        return true;
    }

    private static bool StartsWithVersion6Key(ReadOnlySpan<byte> input) =>
        PacketHeader.TryRead(input, out PacketHeader header, out _) == OperationStatus.Done
        && header.Tag == PacketTag.PublicKey
        && input[header.HeaderLength..] is [6, ..];

    private static bool IsIgnorable(PacketTag tag) =>
        tag is PacketTag.Marker or PacketTag.Trust or PacketTag.Padding || (byte)tag >= FirstNonCriticalTag;

    private static bool TryCountPackets(ReadOnlySpan<byte> input, OpenPgpLimits limits, out int count, out ParseError error)
    {
        count = 0;
        error = default;
        for (int offset = 0; offset < input.Length; count++)
        {
            OperationStatus status = PacketHeader.TryRead(input[offset..], out PacketHeader header, out ParseErrorCode code);
            if (status == OperationStatus.Done)
                code = CheckLimits(header, count, offset, limits);
            if (status == OperationStatus.NeedMoreData || (code == ParseErrorCode.None && header.TotalLength > input.Length - offset))
                code = ParseErrorCode.Truncated;
            if (code != ParseErrorCode.None)
            {
                error = new ParseError(code, offset);
                return false;
            }

            offset += (int)header.TotalLength;
        }

        return true;
    }

    // Where the packet with this number starts, counting those that were not ignored.
    private static int OffsetOf(int packet, ReadOnlySpan<byte> input)
    {
        bool ignores = StartsWithVersion6Key(input);
        for (int offset = 0; ; packet--)
        {
            PacketHeader header;
            while (PacketHeader.TryRead(input[offset..], out header, out _) == OperationStatus.Done && ignores && IsIgnorable(header.Tag))
                offset += (int)header.TotalLength;
            if (packet == 0)
                return offset;
            offset += (int)header.TotalLength;
        }
    }

    private static ParseErrorCode CheckLimits(in PacketHeader header, int packetCount, int offset, OpenPgpLimits limits)
    {
        if (header.BodyLength > (uint)limits.MaxPacketBytes)
            return ParseErrorCode.PacketTooLarge;
        return packetCount == limits.MaxPackets || offset + header.TotalLength > limits.MaxCertificateBytes
            ? ParseErrorCode.CertificateTooLarge
            : ParseErrorCode.None;
    }

    private static ParseErrorCode CheckStart(Packet[] packets) => packets switch
    {
        [] => ParseErrorCode.NoData,
        [{ Tag: PacketTag.PublicKey }, ..] => ParseErrorCode.None,
        [{ Tag: PacketTag.SecretKey or PacketTag.SecretSubkey }, ..] => ParseErrorCode.SecretKey,
        [{ Tag: PacketTag.Signature } first, ..] when IsRevocation(first) => ParseErrorCode.StandaloneRevocation,
        _ => ParseErrorCode.NoPrimaryKey,
    };

    private static bool IsRevocation(in Packet packet) =>
        SignaturePacket.TryParse(packet.Span, out SignaturePacket signature) && signature.IsRevocation;

    private static ArraySegment<Packet> TakeSignatures(Packet[] packets, ref int next)
    {
        int start = next;
        while (next < packets.Length && packets[next].Tag == PacketTag.Signature)
            next++;
        return new ArraySegment<Packet>(packets, start, next - start);
    }

    private static List<CertificateComponent> TakeComponents(Packet[] packets, ref int next, PacketTag tag, PacketTag otherTag)
    {
        List<CertificateComponent> components = [];
        while (next < packets.Length && (packets[next].Tag == tag || packets[next].Tag == otherTag))
        {
            Packet component = packets[next++];
            components.Add(new CertificateComponent(component, TakeSignatures(packets, ref next)));
        }

        return components;
    }
}
