using System.Buffers;
using System.Buffers.Binary;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Http;

/// <summary>What clients see of a stored certificate: everything a reader can make something of.</summary>
/// <remarks>
/// <para>As the filter that SKS calls clean, it leaves out signatures that cannot be read, and user IDs, attributes and subkeys
/// without any that can. Beyond SKS it leaves out signatures that their makers marked as not exportable. Nothing is
/// verified here.</para>
/// <para>Nearly every certificate passes whole. <see cref="IsComplete"/> finds that out without allocating, so that the stored
/// bytes go out as they are.</para>
/// </remarks>
internal static class ClientView
{
    private const int Version3SignatureLength = 19;
    private const int Version4HeaderLength = 4;

    /// <summary>Whether nothing has to be left out of <paramref name="packets"/>.</summary>
    public static bool IsComplete(ReadOnlySpan<byte> packets)
    {
        bool needsSignature = false;
        while (TryTake(ref packets, out PacketHeader header, out ReadOnlySpan<byte> body, out _))
        {
            switch (header.Tag)
            {
                case PacketTag.Signature when IsPresentable(body):
                    needsSignature = false;
                    break;
                case PacketTag.PublicKey:
                    break;
                case PacketTag.UserId or PacketTag.UserAttribute when !needsSignature:
                case PacketTag.PublicSubkey when !needsSignature && HasKnownVersion(body):
                    needsSignature = true;
                    break;
                default:
                    return false;
            }
        }

        return packets.IsEmpty && !needsSignature;
    }

    /// <summary>The packets that are left. The same memory when that is all of them.</summary>
    public static ReadOnlyMemory<byte> Select(ReadOnlyMemory<byte> packets)
    {
        if (IsComplete(packets.Span))
            return packets;

        var kept = new ArrayBufferWriter<byte>(packets.Length);
        ReadOnlySpan<byte> rest = packets.Span;
        ReadOnlySpan<byte> pending = default;
        bool skips = false;
        while (TryTake(ref rest, out PacketHeader header, out ReadOnlySpan<byte> body, out ReadOnlySpan<byte> packet))
        {
            if (header.Tag == PacketTag.PublicKey)
            {
                kept.Write(packet);
            }
            else if (header.Tag != PacketTag.Signature)
            {
                // A component waits for its first signature.
                skips = header.Tag == PacketTag.PublicSubkey && !HasKnownVersion(body);
                pending = skips ? default : packet;
            }
            else if (!skips && IsPresentable(body))
            {
                kept.Write(pending);
                pending = default;
                kept.Write(packet);
            }
        }

        return kept.WrittenMemory;
    }

    private static bool TryTake(
        scoped ref ReadOnlySpan<byte> rest, out PacketHeader header, out ReadOnlySpan<byte> body, out ReadOnlySpan<byte> packet)
    {
        body = default;
        packet = default;
        if (PacketHeader.TryRead(rest, out header, out _) != OperationStatus.Done || header.TotalLength > rest.Length)
            return false;
        packet = rest[..(int)header.TotalLength];
        body = packet[header.HeaderLength..];
        rest = rest[packet.Length..];
        return true;
    }

    private static bool HasKnownVersion(ReadOnlySpan<byte> key) => !key.IsEmpty && key[0] is 2 or 3 or 4;

    private static bool IsPresentable(ReadOnlySpan<byte> signature) => !signature.IsEmpty && signature[0] switch
    {
        2 or 3 => signature.Length >= Version3SignatureLength && signature[1] == 5,
        4 => HasReadableAreas(signature),
        _ => false,
    };

    private static bool HasReadableAreas(ReadOnlySpan<byte> signature)
    {
        if (signature.Length < Version4HeaderLength)
            return false;
        ReadOnlySpan<byte> rest = signature[Version4HeaderLength..];
        return TryTakeArea(ref rest, out ReadOnlySpan<byte> hashed)
            && TryTakeArea(ref rest, out ReadOnlySpan<byte> unhashed)
            && IsReadable(hashed)
            && IsReadable(unhashed);
    }

    private static bool TryTakeArea(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> area)
    {
        area = default;
        if (rest.Length < 2 || rest.Length - 2 < BinaryPrimitives.ReadUInt16BigEndian(rest))
            return false;
        area = rest.Slice(2, BinaryPrimitives.ReadUInt16BigEndian(rest));
        rest = rest[(2 + area.Length)..];
        return true;
    }

    private static bool IsReadable(ReadOnlySpan<byte> area)
    {
        var reader = new SubpacketReader(area);
        while (reader.MoveNext())
        {
            if (reader.Type == SubpacketType.Exportable && reader.Content is [0])
                return false;
        }

        return !reader.IsMalformed;
    }
}
