using System.Diagnostics;
using Google.Protobuf;
using Sks.Grpc.Peers;
using Sks.Peer.V1;

namespace Sks.LoadHarness.Peers;

/// <summary>How much shorter the messages of a Fetch stream become by compression, and what that costs.</summary>
internal static class CompressionRun
{
    private const int InlineBytes = 4096;
    private const int MessageBytes = 64 * 1024;

    /// <summary>Measures the messages that bring a keyring: small certificates many at a time, each large one in parts.</summary>
    public static IEnumerable<string> Measure(IReadOnlyCollection<ReadOnlyMemory<byte>> certificates)
    {
        List<FetchMessage> small = [.. Offer(certificates.Where(static certificate => certificate.Length <= InlineBytes))];
        List<FetchMessage> large = [.. certificates.Where(static certificate => certificate.Length > InlineBytes).SelectMany(Pay)];
        if (small.Count > 0)
            yield return "small " + Measure(small);
        if (large.Count > 0)
            yield return "large " + Measure(large);
    }

    private static string Measure(List<FetchMessage> messages)
    {
        var compression = new FetchCompression();
        long before = messages.Sum(static message => (long)message.CalculateSize());
        foreach (FetchMessage message in messages.Take(100))
            compression.Pack(message);
        long start = Stopwatch.GetTimestamp();
        FetchMessage[] packed = [.. messages.Select(compression.Pack)];
        TimeSpan taken = Stopwatch.GetElapsedTime(start);
        long after = packed.Sum(static message => (long)message.CalculateSize());
        start = Stopwatch.GetTimestamp();
        foreach (FetchMessage message in packed.Where(static message => message.Compressed is not null))
            FetchCompression.Unpack(message.Compressed);
        return $"messages={messages.Count} compressed={packed.Count(static message => message.Compressed is not null)} bytes={before} "
            + $"ratio={(double)after / before:F3} pack_ms_per_mb={1e6 * taken.TotalMilliseconds / before:F1} "
            + $"unpack_ms_per_mb={1e6 * Stopwatch.GetElapsedTime(start).TotalMilliseconds / before:F1}";
    }

    private static IEnumerable<FetchMessage> Offer(IEnumerable<ReadOnlyMemory<byte>> certificates)
    {
        var offers = new Offers();
        int length = 0;
        ulong prefix = 0;
        foreach (ReadOnlyMemory<byte> certificate in certificates)
        {
            offers.Offers_.Add(new Offer { Prefix = prefix++, Packets = ByteString.CopyFrom(certificate.Span) });
            length += certificate.Length;
            if (length < MessageBytes)
                continue;
            yield return new FetchMessage { Offers = offers };
            (offers, length) = (new Offers(), 0);
        }
    }

    private static IEnumerable<FetchMessage> Pay(ReadOnlyMemory<byte> certificate)
    {
        for (int offset = 0; offset < certificate.Length; offset += MessageBytes)
        {
            ReadOnlyMemory<byte> part = certificate.Slice(offset, Math.Min(MessageBytes, certificate.Length - offset));
            yield return new FetchMessage { Payload = new Payload { Packets = ByteString.CopyFrom(part.Span), Continues = offset + part.Length < certificate.Length } };
        }
    }
}
