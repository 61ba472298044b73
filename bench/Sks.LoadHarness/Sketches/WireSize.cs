using Google.Protobuf;
using Sks.Grpc.Peers;
using Sks.Peer.V1;
using Sks.Reconciliation.Sketches;

namespace Sks.LoadHarness.Sketches;

/// <summary>How many bytes messages have on the wire: with their envelope and the five bytes that gRPC puts before each. Without HTTP/2 and TLS.</summary>
internal static class WireSize
{
    private const int GrpcPrefix = 5;
    private const int PrefixLength = 8;
    private const int WantedAtOnce = 512;
    private const int AnnouncedAtOnce = 4096;

    /// <summary>A message of an exchange.</summary>
    public static int Of(SketchMessage message) => Of(ExchangeMapping.ToWire(message, 1, 1));

    /// <summary>Wants for so many certificates that the initiator lacks.</summary>
    public static long OfWants(long count) => Chunk(count, WantedAtOnce).Sum(
        static part => (long)Of(new SyncMessage { Want = new Want { Prefixes = Zeros(part * PrefixLength) } }));

    /// <summary>Announces of so many that the responder lacks, and its wants, which have a bit for each.</summary>
    public static long OfAnnounces(long count) => Chunk(count, AnnouncedAtOnce).Sum(
        static part => (long)Of(new SyncMessage { Announce = new Announce { Announcement = 1, Added = Zeros(part * PrefixLength) } })
            + Of(new SyncMessage { Want = new Want { Announcement = 1, Wanted = Zeros((part + 7) / 8) } }));

    private static int Of(SyncMessage message) => GrpcPrefix + new SyncRequest { Message = message }.CalculateSize();

    private static IEnumerable<int> Chunk(long count, int most)
    {
        for (; count > 0; count -= most)
            yield return (int)Math.Min(count, most);
    }

    private static ByteString Zeros(int length) => UnsafeByteOperations.UnsafeWrap(new byte[length]);
}
