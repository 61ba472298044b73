using System.Buffers.Binary;
using System.Text;

namespace Sks.Node.Links;

/// <summary>How a peer lies in the book. Frozen: it is on disk.</summary>
/// <remarks>Layout (1), when it was added (8, seconds since 1970), then each address: length (1), UTF-8. All numbers are big-endian.</remarks>
internal static class PeerEntryCodec
{
    private const byte Layout = 1;
    private const int AddressesOffset = 1 + sizeof(long);

    /// <summary>The value of a row.</summary>
    public static byte[] Encode(PeerEntry entry)
    {
        byte[] start = new byte[AddressesOffset];
        start[0] = Layout;
        BinaryPrimitives.WriteInt64BigEndian(start.AsSpan(1), entry.Added.ToUnixTimeSeconds());
        return [.. start, .. entry.Addresses.Select(Encoding.UTF8.GetBytes).SelectMany(static text => (byte[])[(byte)text.Length, .. text])];
    }

    /// <summary>Reads a value; null when it is none.</summary>
    public static PeerEntry? Decode(NodeId id, ReadOnlySpan<byte> value)
    {
        if (value.Length < AddressesOffset || value[0] != Layout)
            return null;
        long seconds = BinaryPrimitives.ReadInt64BigEndian(value[1..]);
        if (seconds < 0 || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
            return null;

        List<string> addresses = [];
        ReadOnlySpan<byte> rest = value[AddressesOffset..];
        while (!rest.IsEmpty)
        {
            int length = rest[0];
            if (length >= rest.Length)
                return null;
            addresses.Add(Encoding.UTF8.GetString(rest.Slice(1, length)));
            rest = rest[(1 + length)..];
        }

        return new PeerEntry(id, addresses, DateTimeOffset.FromUnixTimeSeconds(seconds));
    }
}
