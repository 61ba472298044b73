using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Sks.Keys.V1;

namespace Sks.Grpc.Tests;

public class GetTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Certificate_is_found_by_fingerprint_key_id_and_digest()
    {
        await using TestServer server = await TestServer.StartAsync();
        TestCertificate wanted = TestCertificate.Create(7);
        await server.StoreAsync(TestCertificate.Create(6), wanted, TestCertificate.Create(8));

        GetRequest[] requests =
        [
            new() { Fingerprint = ByteString.CopyFrom(wanted.Fingerprint) },
            new() { KeyId = ByteString.CopyFrom(wanted.KeyId) },
            new() { SksDigest = ByteString.CopyFrom(wanted.Digest) },
        ];
        foreach (GetRequest request in requests)
        {
            Certificate found = Assert.Single((await server.Keys.GetAsync(request, cancellationToken: Ended)).Certificates);
            Assert.Equal(wanted.Fingerprint, found.Fingerprint.ToByteArray());
            Assert.Equal(4u, found.Version);
            Assert.Equal(new DateTime(2020, 1, 1, 0, 0, 7, DateTimeKind.Utc), found.CreationTime.ToDateTime());
            Assert.Equal(wanted.Certificate.Identity.Span.ToArray(), found.Identity.ToByteArray());
            Assert.Equal(wanted.Digest, found.SksDigest.ToByteArray());
            Assert.Equal(wanted.Data, found.Data.ToByteArray());
        }
    }

    [Fact]
    public async Task Summary_has_no_packets()
    {
        await using TestServer server = await TestServer.StartAsync();
        TestCertificate wanted = TestCertificate.Create(1);
        await server.StoreAsync(wanted);

        var request = new GetRequest { Fingerprint = ByteString.CopyFrom(wanted.Fingerprint), View = CertificateView.Summary };
        Certificate found = Assert.Single((await server.Keys.GetAsync(request, cancellationToken: Ended)).Certificates);

        Assert.Equal(wanted.Digest, found.SksDigest.ToByteArray());
        Assert.Empty(found.Data);
    }

    [Fact]
    public async Task Unknown_certificate_is_not_found_and_the_error_names_it()
    {
        await using TestServer server = await TestServer.StartAsync();
        var request = new GetRequest { KeyId = ByteString.CopyFrom(1, 2, 3, 4, 5, 6, 7, 8) };

        Google.Rpc.Status status = await RpcFailure.AssertFailsAsync(
            StatusCode.NotFound, "CERTIFICATE_NOT_FOUND", async () => await server.Keys.GetAsync(request, cancellationToken: Ended));

        ResourceInfo resource = status.Require<ResourceInfo>();
        Assert.Equal("sks.keys.v1.Certificate", resource.ResourceType);
        Assert.Equal("key_id/0102030405060708", resource.ResourceName);
    }

    [Theory]
    [InlineData("fingerprint", 19)]
    [InlineData("fingerprint", 0)]
    [InlineData("key_id", 4)]
    [InlineData("key_id", 9)]
    [InlineData("sks_digest", 15)]
    [InlineData("selector", 0)]
    public async Task Wrong_length_or_nothing_is_an_error_that_names_the_field(string field, int length)
    {
        await using TestServer server = await TestServer.StartAsync();
        ByteString bytes = ByteString.CopyFrom(new byte[length]);
        GetRequest request = field switch
        {
            "fingerprint" => new() { Fingerprint = bytes },
            "key_id" => new() { KeyId = bytes },
            "sks_digest" => new() { SksDigest = bytes },
            _ => new(),
        };

        await RpcFailure.AssertInvalidAsync(field, async () => await server.Keys.GetAsync(request, cancellationToken: Ended));
    }

    [Fact]
    public async Task View_this_server_does_not_know_is_an_error()
    {
        await using TestServer server = await TestServer.StartAsync();
        var request = new GetRequest { KeyId = ByteString.CopyFrom(new byte[8]), View = (CertificateView)77 };

        await RpcFailure.AssertInvalidAsync("view", async () => await server.Keys.GetAsync(request, cancellationToken: Ended));
    }

    [Fact]
    public async Task Answer_above_the_message_limit_is_refused_on_tcp_and_given_on_the_socket()
    {
        await using TestServer server = await TestServer.StartAsync(configureGrpc: options => options.MaxSendMessageBytes = 64 * 1024);
        TestCertificate large = TestCertificate.Create(1, [.. Enumerable.Range(10, 50).Select(n => $"{n}{new string('x', 1900)}")]);
        await server.StoreAsync(large);
        var request = new GetRequest { Fingerprint = ByteString.CopyFrom(large.Fingerprint) };

        Google.Rpc.Status status = await RpcFailure.AssertFailsAsync(
            StatusCode.ResourceExhausted, "RESPONSE_TOO_LARGE", async () => await server.Keys.GetAsync(request, cancellationToken: Ended));
        Assert.Equal("65536", status.Require<ErrorInfo>().Metadata["limit_bytes"]);

        GetResponse response = await new KeyService.KeyServiceClient(server.SocketChannel).GetAsync(request, cancellationToken: Ended);
        Assert.Equal(large.Data, response.Certificates[0].Data.ToByteArray());
    }
}
