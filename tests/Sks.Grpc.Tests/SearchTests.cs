using Google.Protobuf;
using Grpc.Core;
using Sks.Keys.V1;

namespace Sks.Grpc.Tests;

public class SearchTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Alice Example <alice@example.org>")]
    [InlineData("ALICE@example.org")]
    public async Task Identity_finds_its_certificate_only(string identity)
    {
        await using TestServer server = await StartAsync();

        List<SearchResponse> responses = await SearchAsync(server, new SearchRequest { Identity = identity });

        SearchResponse response = Assert.Single(responses);
        Assert.Equal(1u, response.MatchCount);
        Assert.Equal(TestCertificate.Create(1, "Alice Example <alice@example.org>").Data, Assert.Single(response.Certificates).Data.ToByteArray());
    }

    [Fact]
    public async Task Words_find_all_certificates_that_have_them_newest_first()
    {
        await using TestServer server = await StartAsync();

        List<SearchResponse> responses = await SearchAsync(server, new SearchRequest { Words = "example alice" });

        Certificate[] found = [.. responses.SelectMany(response => response.Certificates)];
        Assert.Equal([3, 1], found.Select(certificate => certificate.CreationTime.Seconds - 1577836800));
    }

    [Fact]
    public async Task Finding_nothing_is_one_response_that_says_so()
    {
        await using TestServer server = await StartAsync();

        SearchResponse response = Assert.Single(await SearchAsync(server, new SearchRequest { Words = "nobody" }));

        Assert.Equal(0u, response.MatchCount);
        Assert.Empty(response.Certificates);
    }

    [Fact]
    public async Task Limit_cuts_what_is_sent_and_not_what_is_counted()
    {
        await using TestServer server = await StartAsync();

        SearchResponse response = Assert.Single(await SearchAsync(server, new SearchRequest { Words = "example", Limit = 1, View = CertificateView.Summary }));

        Assert.Equal(3u, response.MatchCount);
        Certificate certificate = Assert.Single(response.Certificates);
        Assert.Empty(certificate.Data);
    }

    [Fact]
    public async Task Many_matches_come_in_several_messages_without_splitting_one()
    {
        await using TestServer server = await TestServer.StartAsync();
        TestCertificate[] stored = [.. Enumerable.Range(1, 20).Select(n => TestCertificate.Create(n, [.. Enumerable.Range(10, 10).Select(i => $"common {i}{new string('z', 1900)}")]))];
        await server.StoreAsync(stored);

        List<SearchResponse> responses = await SearchAsync(server, new SearchRequest { Words = "common" });

        Assert.True(responses.Count > 5, $"{responses.Count} responses");
        Assert.All(responses, response => Assert.Equal(20u, response.MatchCount));
        Assert.All(responses, response => Assert.NotEmpty(response.Certificates));
        Assert.Equal(
            stored.Reverse().Select(certificate => ByteString.CopyFrom(certificate.Data)),
            responses.SelectMany(response => response.Certificates).Select(certificate => certificate.Data));
    }

    [Fact]
    public async Task Too_many_matches_are_refused()
    {
        await using TestServer server = await StartAsync(maxMatches: 3);

        await RpcFailure.AssertFailsAsync(
            StatusCode.ResourceExhausted, "TOO_MANY_MATCHES", () => SearchAsync(server, new SearchRequest { Words = "example", Limit = 1 }));
    }

    [Fact]
    public async Task Words_that_are_all_too_common_are_refused()
    {
        await using TestServer server = await TestServer.StartAsync(options => options.MaxInternalMatches = 2);
        await server.StoreAsync(TestCertificate.CreateKeyring(1, 10));

        await RpcFailure.AssertFailsAsync(
            StatusCode.ResourceExhausted, "TOO_COMMON_WORDS", () => SearchAsync(server, new SearchRequest { Words = "number" }));
    }

    [Fact]
    public async Task Query_must_be_there_and_be_neither_empty_nor_huge()
    {
        await using TestServer server = await TestServer.StartAsync();

        await RpcFailure.AssertInvalidAsync("query", () => SearchAsync(server, new SearchRequest()));
        await RpcFailure.AssertInvalidAsync("words", () => SearchAsync(server, new SearchRequest { Words = " " }));
        await RpcFailure.AssertInvalidAsync("identity", () => SearchAsync(server, new SearchRequest { Identity = new string('a', 5000) }));
    }

    private static async Task<TestServer> StartAsync(int maxMatches = 500)
    {
        TestServer server = await TestServer.StartAsync(options => options.MaxMatches = maxMatches);
        await server.StoreAsync(
            TestCertificate.Create(1, "Alice Example <alice@example.org>"),
            TestCertificate.Create(2, "Bob Example <bob@example.org>"),
            TestCertificate.Create(3, "Alice Example <other@example.org>"));
        return server;
    }

    private static async Task<List<SearchResponse>> SearchAsync(TestServer server, SearchRequest request)
    {
        using AsyncServerStreamingCall<SearchResponse> call = server.Keys.Search(request, cancellationToken: Ended);
        return await call.ResponseStream.ReadAllAsync(Ended).ToListAsync(Ended);
    }
}
