using System.Buffers.Binary;
using System.IO.Compression;
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using Sks.Grpc.Peers;
using Sks.Node.Links;
using Sks.Peer.V1;
using RefusalReason = Sks.Node.Links.RefusalReason;

namespace Sks.Grpc.Tests;

/// <summary>A peer that says what it should not.</summary>
public class HostileFetchTests
{
    private static readonly byte[] Digest = [0, 0, 0, 0, 0, 0, 0, 7, .. new byte[24]];
    private static readonly byte[] Identity = [4, .. new byte[28]];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, object[]> Violations => new()
    {
        { "the stream was started before", [new FetchStart()] },
        { "something is offered that is not wanted", [Offer(8)] },
        { "something is offered that is not wanted", [Offer(7), Offer(7)] },
        { "an offer is larger than it may be", [new Offer { Prefix = 7, Packets = ByteString.CopyFrom(new byte[4097]) }] },
        { "a digest is not the one that was wanted", [Outlined(static outline => outline.Digest = ByteString.CopyFrom(new byte[32]))] },
        { "a digest is not the one that was wanted", [Outlined(static outline => outline.Digest = ByteString.Empty)] },
        { "an outline has an impossible size", [Outlined(static outline => outline.Size = 0)] },
        { "an outline has an impossible size", [Outlined(static outline => outline.Size = ulong.MaxValue)] },
        { "an outline has an impossible size", [Outlined(static outline => outline.PacketHashes = ByteString.CopyFrom(new byte[300_000]))] },
        { "an outline names no certificate", [Outlined(static outline => outline.Identity = ByteString.CopyFrom(1, 2, 3))] },
        { "something is sent that is not taken", [new Payload { Prefix = 7 }] },
        { "something is taken that is not offered", [new Take { Prefix = 7, All = true }] },
        { "a compressed message has an impossible length", [new Compressed { Length = 1 << 30 }] },
        { "a compressed message has another length than it says", [Deflate(new byte[500_000], 1000)] },
        { "a compressed message has another length than it says", [Deflate(new byte[1000], 2000)] },
        { "a compressed message cannot be read", [new Compressed { Length = 10, Deflated = ByteString.CopyFrom(255, 255, 255, 255) }] },
        { "a message is compressed twice", [Deflate(new FetchMessage { Compressed = new Compressed { Length = 10 } }.ToByteArray(), null)] },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task Breaking_the_protocol_ends_the_stream(string reason, object[] messages)
    {
        await using var node = new PeerNode();
        (MemoryDuplex<FetchMessage> near, MemoryDuplex<FetchMessage> far) = MemoryDuplex<FetchMessage>.Create(8);
        FetchPump pump = node.Connect(far);
        pump.Expect([7]);
        Task running = pump.RunAsync(Token);
        foreach (object message in messages)
            await near.WriteAsync(Wrap(message), Token);
        PeerProtocolException violation = await Assert.ThrowsAsync<PeerProtocolException>(() => running);
        Assert.Equal(reason, violation.Message);
    }

    [Theory]
    [InlineData(new byte[] { 3 }, 0, 10, false, "something is sent that is not taken")]
    [InlineData(new byte[] { 7 }, 0, 101, false, "a certificate is larger than its outline says")]
    [InlineData(new byte[] { 7 }, 0, 0, true, "a part has an impossible length")]
    [InlineData(new byte[] { 7 }, 0, 70_000, false, "a part has an impossible length")]
    [InlineData(new byte[] { 7, 7 }, 60, 60, true, "a certificate is larger than its outline says")]
    public async Task Sending_what_was_not_taken_ends_the_stream(byte[] prefixes, int first, int length, bool continues, string reason)
    {
        await using var node = new PeerNode();
        (MemoryDuplex<FetchMessage> near, MemoryDuplex<FetchMessage> far) = MemoryDuplex<FetchMessage>.Create(8);
        FetchPump pump = node.Connect(far);
        pump.Expect([7]);
        Task running = pump.RunAsync(Token);
        await near.WriteAsync(Wrap(Outlined(static _ => { })), Token);
        Assert.True(Assert.Single((await ReadAsync(near)).Takes.Takes_).All);
        for (int i = 0; i < prefixes.Length; i++)
        {
            int bytes = i < prefixes.Length - 1 ? first : length;
            await near.WriteAsync(Wrap(new Payload { Prefix = prefixes[i], Packets = ByteString.CopyFrom(new byte[bytes]), Continues = continues }), Token);
        }

        Assert.Equal(reason, (await Assert.ThrowsAsync<PeerProtocolException>(() => running)).Message);
    }

    [Theory]
    [InlineData(0, RefusalReason.NotHeld)]
    [InlineData(100, RefusalReason.Invalid)]
    public async Task What_is_no_certificate_is_refused_and_the_stream_goes_on(int length, RefusalReason reason)
    {
        await using var node = new PeerNode();
        (MemoryDuplex<FetchMessage> near, MemoryDuplex<FetchMessage> far) = MemoryDuplex<FetchMessage>.Create(8);
        FetchPump pump = node.Connect(far);
        pump.Expect([7]);
        Task running = pump.RunAsync(Token);
        await near.WriteAsync(new FetchMessage(), Token);
        await near.WriteAsync(Wrap(Outlined(static _ => { })), Token);
        await ReadAsync(near);
        await near.WriteAsync(Wrap(new Payload { Prefix = 7, Packets = ByteString.CopyFrom(new byte[length]) }), Token);
        await node.WaitForOutcomesAsync(1);
        Assert.Equal(reason, Assert.Single(node.Outcomes).Reason);
        Assert.False(running.IsCompleted);
        near.Close();
        await running;
    }

    [Fact]
    public async Task Packets_that_were_not_offered_cannot_be_taken()
    {
        await using var node = new PeerNode();
        await node.StoreAsync(PeerNode.Large(1).Build());
        ulong prefix = Assert.Single(node.ReadPrefixes());
        (MemoryDuplex<FetchMessage> near, MemoryDuplex<FetchMessage> far) = MemoryDuplex<FetchMessage>.Create(8);
        FetchPump pump = node.Connect(far);
        Task running = pump.RunAsync(Token);
        pump.Give([prefix]);
        Assert.Equal(48, Assert.Single((await ReadAsync(near)).Offers.Offers_).Outline.PacketHashes.Length);
        await near.WriteAsync(Wrap(new Take { Prefix = prefix, Packets = ByteString.CopyFrom(0xFF) }), Token);
        Assert.Equal("packets are taken that are not offered", (await Assert.ThrowsAsync<PeerProtocolException>(() => running)).Message);
    }

    [Fact]
    public async Task Nobody_may_want_too_much_or_the_same_twice()
    {
        await using var node = new PeerNode();
        FetchPump pump = node.Connect(MemoryDuplex<FetchMessage>.Create(1).First);
        pump.Give([1]);
        Assert.Throws<PeerProtocolException>(() => pump.Give([1]));
        Assert.Throws<PeerProtocolException>(() => pump.Give([.. Enumerable.Range(2, 1024).Select(static i => (ulong)i)]));
        Assert.Throws<ArgumentException>(() => pump.Expect([.. Enumerable.Range(0, 513).Select(static i => (ulong)i)]));
    }

    [Fact]
    public async Task Who_owes_something_for_too_long_is_noticed()
    {
        await using var node = new PeerNode();
        var time = new FakeTimeProvider();
        TimeSpan limit = TimeSpan.FromMinutes(1);
        (MemoryDuplex<FetchMessage> near, MemoryDuplex<FetchMessage> far) = MemoryDuplex<FetchMessage>.Create(8);
        FetchPump pump = node.Connect(far, time);
        Task running = pump.RunAsync(Token);
        time.Advance(2 * limit);
        pump.Expect([7]);
        time.Advance(limit);
        Assert.False(pump.HasWaitedSince(limit));
        time.Advance(limit);
        Assert.True(pump.HasWaitedSince(limit));

        await near.WriteAsync(Wrap(Outlined(static _ => { })), Token);
        await ReadAsync(near);
        Assert.False(pump.HasWaitedSince(limit));
        time.Advance(2 * limit);
        Assert.True(pump.HasWaitedSince(limit));
        await near.WriteAsync(Wrap(new Payload { Prefix = 7, Packets = ByteString.CopyFrom(new byte[100]) }), Token);
        await node.WaitForOutcomesAsync(1);
        Assert.False(pump.HasWaitedSince(limit));
        near.Close();
        await running;
    }

    // A giver whose certificate lacks what the outline promised: the next time it is taken as a whole.
    [Fact]
    public async Task What_an_outline_does_not_lead_to_is_taken_as_a_whole_the_next_time()
    {
        await using var node = new PeerNode();
        await node.StoreAsync(PeerNode.Large(1).Build());
        await using var giver = new PeerNode();
        await giver.StoreAsync(PeerNode.Large(1).RevokeKey().Build());
        ulong prefix = Assert.Single(giver.ReadPrefixes());
        OfferedCertificate offered = giver.Node.Links.Offers.Find(prefix, PeerNode.Policy).Certificate!;
        (MemoryDuplex<FetchMessage> near, MemoryDuplex<FetchMessage> far) = MemoryDuplex<FetchMessage>.Create(8);
        FetchPump pump = node.Connect(far);
        Task running = pump.RunAsync(Token);
        var outline = new Outline
        {
            Digest = ByteString.CopyFrom(offered.Digest.Span),
            Identity = ByteString.CopyFrom(offered.Identity.Span),
            Size = (ulong)offered.Packets.Length,
            PacketHashes = ByteString.CopyFrom(offered.HashPackets()),
        };
        pump.Expect([prefix]);
        await near.WriteAsync(Wrap(new Offer { Prefix = prefix, Outline = outline }), Token);
        Assert.True(Assert.Single((await ReadAsync(near)).Takes.Takes_).HasPackets);
        await near.WriteAsync(Wrap(new Payload { Prefix = prefix, Packets = ByteString.CopyFrom(0x88, 1, 0) }), Token);
        await node.WaitForOutcomesAsync(1);
        Assert.Equal(IntakeResult.Incomplete, Assert.Single(node.Outcomes).Result);

        pump.Expect([prefix]);
        await near.WriteAsync(Wrap(new Offer { Prefix = prefix, Outline = outline }), Token);
        Assert.True(Assert.Single((await ReadAsync(near)).Takes.Takes_).HasAll);
        await near.WriteAsync(Wrap(new Payload { Prefix = prefix, Packets = ByteString.CopyFrom(offered.Packets.Span) }), Token);
        await node.WaitForOutcomesAsync(2);
        Assert.Equal(IntakeResult.Held, node.Outcomes.Last().Result);
        near.Close();
        await running;
    }

    private static Offer Offer(ulong prefix) => new() { Prefix = prefix, Packets = ByteString.CopyFrom(1, 2, 3) };

    private static Offer Outlined(Action<Outline> change)
    {
        var outline = new Outline { Digest = ByteString.CopyFrom(Digest), Identity = ByteString.CopyFrom(Identity), Size = 100, PacketHashes = ByteString.CopyFrom(new byte[16]) };
        change(outline);
        return new Offer { Prefix = BinaryPrimitives.ReadUInt64BigEndian(Digest), Outline = outline };
    }

    private static Compressed Deflate(byte[] bytes, int? length)
    {
        using var deflated = new MemoryStream();
        using (var deflater = new DeflateStream(deflated, CompressionLevel.Fastest, leaveOpen: true))
            deflater.Write(bytes);
        return new Compressed { Deflated = ByteString.CopyFrom(deflated.ToArray()), Length = (uint)(length ?? bytes.Length) };
    }

    private static FetchMessage Wrap(object message) => message switch
    {
        FetchStart start => new FetchMessage { Start = start },
        Offer offer => new FetchMessage { Offers = new Offers { Offers_ = { offer } } },
        Take take => new FetchMessage { Takes = new Takes { Takes_ = { take } } },
        Payload payload => new FetchMessage { Payload = payload },
        _ => new FetchMessage { Compressed = (Compressed)message },
    };

    private static async Task<FetchMessage> ReadAsync(MemoryDuplex<FetchMessage> stream)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        await foreach (FetchMessage message in stream.ReadAsync(patience.Token))
            return message.KindCase == FetchMessage.KindOneofCase.Compressed ? FetchCompression.Unpack(message.Compressed) : message;
        throw new EndOfStreamException();
    }
}
