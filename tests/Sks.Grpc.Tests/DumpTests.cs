using Google.Protobuf;
using Grpc.Core;
using Sks.Admin.V1;
using Sks.Keys.V1;
using Sks.TestSupport.Signing;

namespace Sks.Grpc.Tests;

public class DumpTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dump_holds_every_certificate_once_in_messages_of_moderate_size()
    {
        await using TestServer server = await TestServer.StartAsync();
        TestCertificate[] stored = [.. Enumerable.Range(1, 1000).Select(n => TestCertificate.Create(n)), TestCertificate.Create(5000, new string('x', 200_000))];
        await server.StoreAsync(stored);

        List<DumpResponse> responses = await DumpAsync(server);

        Assert.Empty(responses[0].Certificates);
        Assert.Equal(server.Node.Changes.Current, responses[0].Cursor.ToCursor());
        Assert.Equal(1001ul, responses[0].EstimatedCertificateCount);
        Assert.True(responses.Count is > 4 and < 20, $"{responses.Count} messages");
        Assert.All(responses, response => Assert.True(response.Certificates.Count <= 1 || response.CalculateSize() < 80_000));
        Assert.All(responses[1..], response => Assert.NotEmpty(response.Certificates));
        Assert.Equal(
            stored.Select(certificate => ByteString.CopyFrom(certificate.Data)).ToHashSet(),
            responses.SelectMany(response => response.Certificates).Select(certificate => certificate.Data).ToHashSet());
        Assert.Equal(1001, responses.Sum(response => response.Certificates.Count));
    }

    [Fact]
    public async Task Empty_store_is_one_message_with_the_cursor()
    {
        await using TestServer server = await TestServer.StartAsync();

        DumpResponse response = Assert.Single(await DumpAsync(server));

        Assert.Equal(server.Node.Changes.Current, response.Cursor.ToCursor());
    }

    [Fact]
    public async Task Dump_is_of_one_moment_and_its_cursor_leads_to_what_it_lacks()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.StoreAsync(TestCertificate.CreateKeyring(1, 5000));
        using AsyncServerStreamingCall<DumpResponse> call = server.Admin.Dump(new DumpRequest(), cancellationToken: Ended);
        Assert.True(await call.ResponseStream.MoveNext(Ended));
        Cursor cursor = call.ResponseStream.Current.Cursor;
        Assert.True(await call.ResponseStream.MoveNext(Ended));
        int count = call.ResponseStream.Current.Certificates.Count;

        await server.StoreAsync(TestCertificate.CreateKeyring(10_000, 20));
        await foreach (DumpResponse response in call.ResponseStream.ReadAllAsync(Ended))
            count += response.Certificates.Count;

        Assert.Equal(5000, count);
        using AsyncServerStreamingCall<WatchResponse> watch = server.Keys.Watch(new WatchRequest { Cursor = cursor }, cancellationToken: Ended);
        Assert.True(await watch.ResponseStream.MoveNext(Ended));
        Assert.True(await watch.ResponseStream.MoveNext(Ended));
        Assert.Equal(5001ul, watch.ResponseStream.Current.Changes[0].Sequence);
    }

    [Fact]
    public async Task Stopping_the_server_ends_a_dump_that_nobody_reads()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.StoreAsync(TestCertificate.CreateKeyring(1, 10_000));
        using AsyncServerStreamingCall<DumpResponse> call = server.Admin.Dump(new DumpRequest(), cancellationToken: Ended);
        Assert.True(await call.ResponseStream.MoveNext(Ended));

        await server.StopAsync();

        await Assert.ThrowsAsync<RpcException>(async () => await call.ResponseStream.ReadAllAsync(Ended).ToListAsync(Ended));
    }

    [Theory]
    [InlineData(DumpView.Unspecified)]
    [InlineData(DumpView.Full)]
    [InlineData(DumpView.Clean)]
    public async Task Each_view_is_dumped_and_version_6_with_both(DumpView view)
    {
        await using TestServer server = await TestServer.StartAsync();
        var owner = new SigningKey(1);
        byte[] clean = new SignedCertificate(owner).UserId("one").Certify().BuildCertificate().ToArray();
        byte[] full = new SignedCertificate(owner).UserId("one").Certify().UserId("unsigned").BuildCertificate().ToArray();
        byte[] unproven = new SignedCertificate(new SigningKey(2)).UserId("nobody").Build();
        byte[] modern = SignedCertificate.Ordinary(3, version: 6).BuildCertificate().ToArray();
        await server.StoreAsync([.. full, .. unproven, .. modern]);

        List<DumpResponse> responses = await DumpAsync(server, view);

        byte[][] expected = view == DumpView.Clean ? [clean, modern] : [full, unproven, modern];
        Certificate[] dumped = [.. responses.SelectMany(response => response.Certificates)];
        Assert.Equal(
            expected.Select(Convert.ToHexString).Order(StringComparer.Ordinal),
            dumped.Select(certificate => Convert.ToHexString(certificate.Data.Span)).Order(StringComparer.Ordinal));
        Assert.Empty(Assert.Single(dumped, certificate => certificate.Version == 6).SksDigest);
    }

    [Fact]
    public async Task View_this_server_does_not_know_is_an_error()
    {
        await using TestServer server = await TestServer.StartAsync();

        await RpcFailure.AssertInvalidAsync("view", () => DumpAsync(server, (DumpView)9));
    }

    private static async Task<List<DumpResponse>> DumpAsync(TestServer server, DumpView view = DumpView.Full)
    {
        using AsyncServerStreamingCall<DumpResponse> call = server.Admin.Dump(new DumpRequest { View = view }, cancellationToken: Ended);
        return await call.ResponseStream.ReadAllAsync(Ended).ToListAsync(Ended);
    }
}
