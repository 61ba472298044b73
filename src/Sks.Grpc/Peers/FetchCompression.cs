using System.IO.Compression;
using Google.Protobuf;
using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>Compresses messages where it helps. Writer only; <see cref="Unpack"/> is anybody's.</summary>
/// <remarks>
/// Signatures look random. User IDs, and subpackets that repeat from one small certificate to the next, do not: messages of small ones with one user ID become
/// a quarter shorter, those of Debian's keyring less than a tenth. So it is tried, and left alone for a while where it saved little.
/// </remarks>
internal sealed class FetchCompression
{
    private const int MinBytes = 1024;
    private const int Pause = 32;

    private int _pause;

    /// <summary>The message, or a compressed one that is at least 10 % shorter.</summary>
    public FetchMessage Pack(FetchMessage message)
    {
        int length = message.CalculateSize();
        if (length is < MinBytes or > FetchLimits.InflatedBytes)
            return message;
        if (_pause > 0)
        {
            _pause--;
            return message;
        }

        using var deflated = new MemoryStream(length);
        using (var deflater = new DeflateStream(deflated, CompressionLevel.Fastest, leaveOpen: true))
            message.WriteTo(deflater);
        if (deflated.Length > length - (length / 10))
        {
            _pause = Pause;
            return message;
        }

        ByteString bytes = UnsafeByteOperations.UnsafeWrap(deflated.GetBuffer().AsMemory(0, (int)deflated.Length));
        return new FetchMessage { Compressed = new Compressed { Deflated = bytes, Length = (uint)length } };
    }

    /// <summary>The message that was compressed.</summary>
    /// <exception cref="PeerProtocolException">There is none, or not of that length.</exception>
    public static FetchMessage Unpack(Compressed compressed)
    {
        if (compressed.Length is 0 or > FetchLimits.InflatedBytes)
            throw new PeerProtocolException("a compressed message has an impossible length");
        var inflated = new byte[compressed.Length];
        try
        {
            using var stream = new MemoryStream(compressed.Deflated.ToByteArray());
            using var inflater = new DeflateStream(stream, CompressionMode.Decompress);
            if (inflater.ReadAtLeast(inflated, inflated.Length, throwOnEndOfStream: false) != inflated.Length || inflater.ReadByte() >= 0)
                throw new PeerProtocolException("a compressed message has another length than it says");
            FetchMessage message = FetchMessage.Parser.ParseFrom(inflated);
            return message.KindCase == FetchMessage.KindOneofCase.Compressed
                ? throw new PeerProtocolException("a message is compressed twice")
                : message;
        }
        catch (Exception e) when (e is InvalidDataException or InvalidProtocolBufferException)
        {
            throw new PeerProtocolException("a compressed message cannot be read");
        }
    }
}
