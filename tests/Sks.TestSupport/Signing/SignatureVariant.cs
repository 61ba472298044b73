using System.Buffers.Binary;

namespace Sks.TestSupport.Signing;

/// <summary>What anybody can make of a signature without its maker's key: other packets in which the same is signed.</summary>
public static class SignatureVariant
{
    private const int HeadLength = 4;

    /// <summary>The signature with these subpackets as its unhashed area, and no others.</summary>
    /// <param name="signature">Body of a signature packet of version 4 or 6.</param>
    /// <param name="subpackets">The new unhashed area.</param>
    public static byte[] WithUnhashed(byte[] signature, params Subpacket[] subpackets)
    {
        int size = signature[0] == 6 ? 4 : 2;
        int hashedEnd = HeadLength + size + ReadLength(signature, HeadLength, size);
        int unhashedEnd = hashedEnd + size + ReadLength(signature, hashedEnd, size);
        byte[] area = [.. subpackets.SelectMany(static subpacket => subpacket.Write())];
        var length = new byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32BigEndian(length, area.Length);
        return [.. signature[..hashedEnd], .. length[^size..], .. area, .. signature[unhashedEnd..]];
    }

    private static int ReadLength(byte[] signature, int at, int size) => size == 4
        ? BinaryPrimitives.ReadInt32BigEndian(signature.AsSpan(at))
        : BinaryPrimitives.ReadUInt16BigEndian(signature.AsSpan(at));
}
