using Google.Protobuf;
using Grpc.Core;
using Sks.Admin.V1;
using Sks.OpenPgp;
using Sks.TestSupport.Signing;
using PacketFate = Sks.Admin.V1.PacketFate;

namespace Sks.Grpc.Tests;

public class ExplainTests
{
    private static readonly SigningKey Owner = new(1);
    private static readonly SigningKey Other = new(2);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_packet_has_its_fate_and_a_reason_in_words()
    {
        await using TestServer server = await TestServer.StartAsync();
        SignedCertificate certificate = new SignedCertificate(Owner)
            .UserId("Somebody").Certify().ThirdParty(Other).ThirdParty(Other, static spec => spec.WithWrongHashTag())
            .UserId("Mallory\u202E\n").ThirdParty(Other);
        await server.StoreAsync(certificate.Build());

        List<ExplainResponse> responses = await ExplainAsync(server, Owner.Fingerprint);

        ExplainedPacket[] packets = [.. responses.SelectMany(response => response.Packets)];
        Assert.Equal(certificate.BuildCertificate().Digest.ToString(), Convert.ToHexString(responses[0].Certificate.SksDigest.Span), ignoreCase: true);
        Assert.Empty(responses[0].Certificate.Data);
        Assert.Equal(32, responses[0].Certificate.ContentDigest.Length);
        Assert.Equal($"primary key {Owner.Fingerprint}", packets[0].Description);
        AssertPacket("user ID Somebody", PacketFate.Kept, SignatureVerdict.Unspecified);
        AssertPacket($"certification by {Owner.KeyId}", PacketFate.Kept, SignatureVerdict.Proven);
        AssertPacket($"certification by {Other.KeyId}", PacketFate.Kept, SignatureVerdict.ByOther);
        AssertPacket($"certification by {Other.KeyId}", PacketFate.WrongHashTag, SignatureVerdict.WrongHashTag);
        AssertPacket("user ID Mallory??", PacketFate.Unproven, SignatureVerdict.Unspecified);
        Assert.Equal(7, packets.Length);
        Assert.All(packets, packet => Assert.True(packet.InFullView));
        Assert.All(packets, packet => Assert.Equal(packet.Fate == PacketFate.Kept, packet.Reason.Length == 0));
        Assert.All(packets, packet => Assert.Equal(packet.Tag == (uint)PacketTag.Signature, packet.CreationTime is not null));

        void AssertPacket(string description, PacketFate fate, SignatureVerdict verdict) => Assert.Single(
            packets, packet => packet.Description == description && packet.Fate == fate && packet.Verdict == verdict);
    }

    [Fact]
    public async Task Version_6_has_no_full_view()
    {
        await using TestServer server = await TestServer.StartAsync();
        SignedCertificate modern = SignedCertificate.Ordinary(3, version: 6);
        await server.StoreAsync(modern.Build());

        List<ExplainResponse> responses = await ExplainAsync(server, modern.Primary.Fingerprint);

        Assert.Empty(responses[0].Certificate.SksDigest);
        Assert.All(responses.SelectMany(response => response.Packets), packet => Assert.False(packet.InFullView));
    }

    [Fact]
    public async Task Long_explanations_come_in_pieces()
    {
        await using TestServer server = await TestServer.StartAsync();
        SignedCertificate flooded = new SignedCertificate(Owner).UserId("Somebody").Certify();
        flooded.Add(SignatureFlood.ThirdParty(flooded.Current, 2000));
        await server.StoreAsync(flooded.Build());

        List<ExplainResponse> responses = await ExplainAsync(server, Owner.Fingerprint);

        Assert.InRange(responses.Count, 4, 100);
        Assert.Single(responses, response => response.Certificate is not null);
        Assert.Equal(2003, responses.Sum(response => response.Packets.Count));
    }

    [Fact]
    public async Task Unknown_fingerprint_and_that_of_a_subkey_are_not_found()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.StoreAsync(new SignedCertificate(Owner).UserId("Somebody").Certify().Subkey(Other, KeyUse.Sign).Build());

        await RpcFailure.AssertFailsAsync(StatusCode.NotFound, "CERTIFICATE_NOT_FOUND", () => ExplainAsync(server, new SigningKey(9).Fingerprint));
        await RpcFailure.AssertFailsAsync(StatusCode.NotFound, "CERTIFICATE_NOT_FOUND", () => ExplainAsync(server, Other.Fingerprint));
    }

    [Fact]
    public async Task Wrong_length_is_an_error_that_names_the_field()
    {
        await using TestServer server = await TestServer.StartAsync();
        using AsyncServerStreamingCall<ExplainResponse> call =
            server.Admin.Explain(new ExplainRequest { Fingerprint = ByteString.CopyFrom(new byte[19]) }, cancellationToken: Ended);

        await RpcFailure.AssertInvalidAsync("fingerprint", () => call.ResponseStream.MoveNext(Ended));
    }

    private static async Task<List<ExplainResponse>> ExplainAsync(TestServer server, Fingerprint fingerprint)
    {
        using AsyncServerStreamingCall<ExplainResponse> call =
            server.Admin.Explain(new ExplainRequest { Fingerprint = ByteString.CopyFrom(fingerprint.Span) }, cancellationToken: Ended);
        return await call.ResponseStream.ReadAllAsync(Ended).ToListAsync(Ended);
    }
}
