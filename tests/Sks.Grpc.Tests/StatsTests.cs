using Google.Protobuf;
using Grpc.Core;
using Sks.Admin.V1;
using Sks.Keys.V1;
using Sks.TestSupport.Signing;

namespace Sks.Grpc.Tests;

public class StatsTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Numbers_are_those_of_the_node()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.StoreAsync(TestCertificate.CreateKeyring(1, 5));
        await server.StoreAsync(TestCertificate.Create(1, "another"));
        using (AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> call = server.Keys.Submit(cancellationToken: Ended))
        {
            await call.RequestStream.WriteAsync(new SubmitRequest { Data = ByteString.CopyFrom(TestCertificate.CreateSecretKey(1)) }, Ended);
            await call.RequestStream.CompleteAsync();
            await call.ResponseStream.ReadAllAsync(Ended).ToListAsync(Ended);
        }

        GetStatsResponse stats = await server.Admin.GetStatsAsync(new GetStatsRequest(), cancellationToken: Ended);

        Assert.Equal(5ul, stats.CertificateCount);
        Assert.Equal(server.Node.Changes.Current, stats.Cursor.ToCursor());
        Assert.Equal(6ul, stats.Cursor.Sequence);
        Assert.True(stats.Writable);
        Assert.NotEmpty(stats.SoftwareVersion);
        Assert.True(stats.Time.ToDateTimeOffset() > new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Equivalent(
            new[]
            {
                new OutcomeCount { Source = ChangeSource.Import, Result = SubmissionResult.Added, Count = 5 },
                new OutcomeCount { Source = ChangeSource.Import, Result = SubmissionResult.Updated, Count = 1 },
                new OutcomeCount { Source = ChangeSource.Grpc, Result = SubmissionResult.Rejected, Count = 1 },
            },
            stats.Outcomes.ToArray(),
            strict: true);
        Assert.Equal(new RejectionCount { Reason = RejectionReason.SecretKey, Count = 1 }, Assert.Single(stats.Rejections));
        Assert.Equal(5ul, stats.History.Aggregate(0ul, (sum, hour) => sum + hour.Added));
        Assert.Equal(1ul, stats.History.Aggregate(0ul, (sum, hour) => sum + hour.Updated));
    }

    [Fact]
    public async Task What_is_left_out_of_clean_views_is_counted_by_reason()
    {
        await using TestServer server = await TestServer.StartAsync();
        var owner = new SigningKey(1);
        SignedCertificate certificate = new SignedCertificate(owner).UserId("one").Certify()
            .ThirdParty(new SigningKey(2), static spec => spec.WithWrongHashTag()).UserId("two").UserId("three");
        await server.StoreAsync(certificate.Build());

        GetStatsResponse stats = await server.Admin.GetStatsAsync(new GetStatsRequest(), cancellationToken: Ended);

        Assert.Equal((uint)Sks.OpenPgp.CleanViewPolicy.Current.Version, stats.PolicyVersion);
        Assert.Null(stats.ViewMigration);
        Assert.Equal(
            [new LeftOutCount { Reason = PacketFate.WrongHashTag, Count = 1 }, new LeftOutCount { Reason = PacketFate.Unproven, Count = 2 }], stats.LeftOut);
    }

    [Fact]
    public async Task Store_that_cannot_be_written_shows()
    {
        await using TestServer server = await TestServer.StartAsync(options => options.MinFreeDiskBytes = long.MaxValue);

        Assert.False((await server.Admin.GetStatsAsync(new GetStatsRequest(), cancellationToken: Ended)).Writable);
    }
}
