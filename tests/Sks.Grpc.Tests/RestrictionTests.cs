using Google.Protobuf;
using Grpc.Core;
using Sks.Admin.V1;
using Sks.Keys.V1;
using Sks.TestSupport.Signing;

namespace Sks.Grpc.Tests;

public class RestrictionTests
{
    private static readonly SigningKey Key = new(31);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static byte[] Keyring => new SignedCertificate(Key).UserId("Anna <anna@example.org>").Certify().Build();

    private static ByteString Fingerprint => ByteString.CopyFrom(Key.Fingerprint.Span);

    [Fact]
    public async Task Removal_is_watched_and_the_certificate_is_found_and_taken_no_more()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.StoreAsync(Keyring);
        using AsyncServerStreamingCall<WatchResponse> watch = server.Keys.Watch(new WatchRequest(), cancellationToken: Token);
        await watch.ResponseStream.MoveNext(Token);

        var request = new RestrictRequest { Kind = RestrictionKind.Block, Fingerprint = Fingerprint, Author = "anna", Reason = "order" };
        RestrictResponse response = await server.Admin.RestrictAsync(request, cancellationToken: Token);
        Assert.Equal((RestrictionStatus.Done, 1UL, true), (response.Status, response.RemovedCount, response.Restriction.InForce));

        await watch.ResponseStream.MoveNext(Token);
        Change change = Assert.Single(watch.ResponseStream.Current.Changes);
        Assert.Equal((Fingerprint, true, ChangeSource.Restriction), (change.Fingerprint, change.Removed, change.Source));
        Assert.Empty(change.NewSksDigest);
        RpcException missing = await Assert.ThrowsAsync<RpcException>(
            async () => await server.Keys.GetAsync(new GetRequest { Fingerprint = Fingerprint }, cancellationToken: Token));
        Assert.Equal(StatusCode.NotFound, missing.StatusCode);

        using AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> submit = server.Keys.Submit(cancellationToken: Token);
        await submit.RequestStream.WriteAsync(new SubmitRequest { Data = ByteString.CopyFrom(Keyring) }, Token);
        await submit.ResponseStream.MoveNext(Token);
        Assert.Equal(RejectionReason.Restricted, Assert.Single(submit.ResponseStream.Current.Outcomes).Reason);
    }

    [Fact]
    public async Task What_is_not_valid_is_refused_and_changes_nothing()
    {
        await using TestServer server = await TestServer.StartAsync();
        RestrictRequest[] wrong =
        [
            new() { Kind = RestrictionKind.Block },
            new() { Fingerprint = Fingerprint },
            new() { Kind = RestrictionKind.Block, Fingerprint = Fingerprint, Identity = "a@example.org" },
            new() { Kind = RestrictionKind.Block, Fingerprint = ByteString.CopyFrom(1, 2) },
            new() { Kind = RestrictionKind.Block, Fingerprint = Fingerprint, Reason = new string('x', 5000) },
        ];
        foreach (RestrictRequest request in wrong)
        {
            RpcException failure = await Assert.ThrowsAsync<RpcException>(
                async () => await server.Admin.RestrictAsync(request, cancellationToken: Token));
            Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        }

        using AsyncServerStreamingCall<ListRestrictionsResponse> list =
            server.Admin.ListRestrictions(new ListRestrictionsRequest { All = true }, cancellationToken: Token);
        Assert.True(await list.ResponseStream.MoveNext(Token));
        Assert.Empty(list.ResponseStream.Current.Restrictions);
        Assert.Equal(32, list.ResponseStream.Current.Origin.Length);
    }
}
