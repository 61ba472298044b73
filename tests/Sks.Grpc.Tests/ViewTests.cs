using Google.Protobuf;
using Grpc.Core;
using Sks.Keys.V1;
using Sks.OpenPgp;
using Sks.TestSupport.Signing;
using Certificate = Sks.Keys.V1.Certificate;

namespace Sks.Grpc.Tests;

/// <summary>Which packets clients get.</summary>
public class ViewTests
{
    private static readonly SigningKey Owner = new(1);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(CertificateView.Unspecified)]
    [InlineData(CertificateView.Served)]
    public async Task Only_what_is_proven_is_served_and_both_digests_name_their_views(CertificateView view)
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.StoreAsync(Dirty.Build());

        foreach (Certificate found in (Certificate[])[await GetAsync(server.Keys, view), await SearchAsync(server.Keys, view)])
        {
            Assert.Equal(Canonical(Clean), found.Data.ToByteArray());
            Assert.Equal(ContentDigestOf(Clean), found.ContentDigest.ToByteArray());
            Assert.Equal((uint)CleanViewPolicy.Current.Version, found.PolicyVersion);
            Assert.Equal(Dirty.BuildCertificate().Digest.ToString(), Convert.ToHexString(found.SksDigest.Span), ignoreCase: true);
        }
    }

    [Fact]
    public async Task Full_view_is_refused_on_tcp_and_given_on_the_socket()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.StoreAsync(Dirty.Build());

        await RpcFailure.AssertFailsAsync(
            StatusCode.PermissionDenied, "FULL_VIEW_NOT_ALLOWED", () => GetAsync(server.Keys, CertificateView.Full));
        await RpcFailure.AssertFailsAsync(
            StatusCode.PermissionDenied, "FULL_VIEW_NOT_ALLOWED", () => SearchAsync(server.Keys, CertificateView.Full));

        var overSocket = new KeyService.KeyServiceClient(server.SocketChannel);
        Assert.Equal(Canonical(Dirty), (await GetAsync(overSocket, CertificateView.Full)).Data.ToByteArray());
    }

    [Fact]
    public async Task Full_view_is_given_where_the_operator_allows_it_and_somebody_asks_for_it()
    {
        await using TestServer server = await TestServer.StartAsync(static options => options.AllowFullView = true);
        await server.StoreAsync(Dirty.Build());

        Certificate full = await GetAsync(server.Keys, CertificateView.Full);
        Assert.Equal(Canonical(Dirty), full.Data.ToByteArray());
        Assert.Equal(ContentDigestOf(Clean), full.ContentDigest.ToByteArray());
        Assert.Equal(Canonical(Dirty), (await SearchAsync(server.Keys, CertificateView.Full)).Data.ToByteArray());
        Assert.Equal(Canonical(Clean), (await GetAsync(server.Keys, CertificateView.Served)).Data.ToByteArray());
    }

    [Fact]
    public async Task Certificate_in_which_nothing_is_proven_is_not_found()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.StoreAsync(new SignedCertificate(Owner).UserId("Somebody <somebody@example.org>").Build());

        await RpcFailure.AssertFailsAsync(
            StatusCode.NotFound, "CERTIFICATE_NOT_FOUND", () => GetAsync(server.Keys, CertificateView.Served));
        Certificate full = await GetAsync(new KeyService.KeyServiceClient(server.SocketChannel), CertificateView.Full);
        Assert.Empty(full.ContentDigest);
        Assert.Equal(16, full.SksDigest.Length);
    }

    [Fact]
    public async Task Version_6_is_served_and_has_no_digest_of_SKS()
    {
        await using TestServer server = await TestServer.StartAsync();
        SignedCertificate modern = SignedCertificate.Ordinary(5, version: 6);
        await server.StoreAsync(modern.Build());

        var request = new GetRequest { Fingerprint = ByteString.CopyFrom(modern.Primary.Fingerprint.Span) };
        Certificate found = Assert.Single((await server.Keys.GetAsync(request, cancellationToken: Ended)).Certificates);

        Assert.Equal(6u, found.Version);
        Assert.Equal(Canonical(modern), found.Data.ToByteArray());
        Assert.Empty(found.SksDigest);
        Assert.Equal(ContentDigestOf(modern), found.ContentDigest.ToByteArray());
    }

    [Fact]
    public async Task Change_of_the_full_view_alone_has_the_same_content_digest_before_and_after()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.StoreAsync(Clean.Build());
        using AsyncServerStreamingCall<WatchResponse> watch = server.Keys.Watch(new WatchRequest(), cancellationToken: Ended);
        Assert.True(await watch.ResponseStream.MoveNext(Ended));

        await server.StoreAsync(Dirty.Build());
        await server.StoreAsync(Clean.UserId("Second").Certify().Build());

        List<Change> changes = [];
        while (changes.Count < 2 && await watch.ResponseStream.MoveNext(Ended))
            changes.AddRange(watch.ResponseStream.Current.Changes);
        Assert.All(changes, change => Assert.NotEqual(change.OldSksDigest, change.NewSksDigest));
        Assert.All(changes, change => Assert.Equal((uint)CleanViewPolicy.Current.Version, change.PolicyVersion));
        Assert.Equal(ContentDigestOf(Clean), changes[0].OldContentDigest.ToByteArray());
        Assert.Equal(changes[0].OldContentDigest, changes[0].NewContentDigest);
        Assert.Equal(ContentDigestOf(Clean), changes[1].OldContentDigest.ToByteArray());
        Assert.Equal(ContentDigestOf(Clean.UserId("Second").Certify()), changes[1].NewContentDigest.ToByteArray());
    }

    private static SignedCertificate Clean => new SignedCertificate(Owner).UserId("Somebody <somebody@example.org>").Certify();

    private static SignedCertificate Dirty => Clean
        .ThirdParty(new SigningKey(2), static spec => spec.WithWrongHashTag())
        .UserId("Mallory <mallory@example.org>");

    private static byte[] Canonical(SignedCertificate certificate) => certificate.BuildCertificate().ToArray();

    private static byte[] ContentDigestOf(SignedCertificate certificate) =>
        ContentDigest.Compute(CleanViewPolicy.Current.Version, certificate.BuildCertificate()).Span.ToArray();

    private static async Task<Certificate> GetAsync(KeyService.KeyServiceClient client, CertificateView view)
    {
        var request = new GetRequest { Fingerprint = ByteString.CopyFrom(Owner.Fingerprint.Span), View = view };
        return Assert.Single((await client.GetAsync(request, cancellationToken: Ended)).Certificates);
    }

    private static async Task<Certificate> SearchAsync(KeyService.KeyServiceClient client, CertificateView view)
    {
        using AsyncServerStreamingCall<SearchResponse> call =
            client.Search(new SearchRequest { Identity = "somebody@example.org", View = view }, cancellationToken: Ended);
        List<SearchResponse> responses = await call.ResponseStream.ReadAllAsync(Ended).ToListAsync(Ended);
        return Assert.Single(responses.SelectMany(response => response.Certificates));
    }
}
