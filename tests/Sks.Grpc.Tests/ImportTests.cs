using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Sks.Admin.V1;
using Sks.Keys.V1;

namespace Sks.Grpc.Tests;

public class ImportTests
{
    private const int PieceBytes = 1000;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_cut_anywhere_are_counted_and_rejections_come_with_examples()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.StoreAsync(TestCertificate.Create(1), TestCertificate.Create(2, "old"));
        byte[] secrets = [.. Enumerable.Range(1, 8).SelectMany(TestCertificate.CreateSecretKey)];

        ImportSummary summary = await ImportAsync(
            server,
            ("good", [.. TestCertificate.Create(1).Data, .. TestCertificate.Create(2, "new").Data, .. TestCertificate.CreateKeyring(3, 50)]),
            ("secrets", secrets),
            ("text", "hello"u8.ToArray()));

        Assert.Equal(new ImportCounts { Added = 50, Updated = 1, Unchanged = 1, Rejected = 9 }, summary.Counts);
        Assert.Equal(3u, summary.FilesCompleted);
        Assert.Equal(2, summary.Rejections.Count);
        Assert.Equal((RejectionReason.SecretKey, 8ul), (summary.Rejections[0].Reason, summary.Rejections[0].Count));
        Assert.Equal(5, summary.Rejections[0].Examples.Count);
        Assert.All(summary.Rejections[0].Examples, example => Assert.Equal("secrets", example.FileName));
        Assert.Equal("text", Assert.Single(summary.Rejections[1].Examples).FileName);
        Assert.Equal(52, server.Node.GetStatistics().Certificates);
        Assert.Equal(52, server.Node.GetStatistics().Outcomes[(Storage.ChangeSource.Import, Sks.Node.SubmissionResult.Added)]);
    }

    [Fact]
    public async Task Many_small_files_are_all_read()
    {
        await using TestServer server = await TestServer.StartAsync();

        ImportSummary summary = await ImportAsync(server, [.. Enumerable.Range(1, 100).Select(n => ($"file {n}", TestCertificate.Create(n).Data))]);

        Assert.Equal(100u, summary.FilesCompleted);
        Assert.Equal(100ul, summary.Counts.Added);
        Assert.Equal((ulong)TestCertificate.CreateKeyring(1, 100).Length, summary.BytesReceived);
    }

    [Fact]
    public async Task Nothing_to_import_is_a_summary_of_nothing()
    {
        await using TestServer server = await TestServer.StartAsync();

        Assert.Equal(new ImportSummary { Counts = new ImportCounts() }, await ImportAsync(server));
    }

    [Fact]
    public async Task Progress_comes_while_the_client_is_still_sending()
    {
        await using TestServer server = await TestServer.StartAsync();
        using AsyncDuplexStreamingCall<ImportRequest, ImportResponse> call = server.Admin.Import(cancellationToken: Ended);
        await call.RequestStream.WriteAsync(new ImportRequest { File = new ImportFile { Name = "first" } }, Ended);
        byte[] keyring = TestCertificate.CreateKeyring(1, 10);
        await call.RequestStream.WriteAsync(new ImportRequest { Data = ByteString.CopyFrom(keyring) }, Ended);

        // The tenth is known to be complete only when the file ends.
        ImportProgress progress;
        do
        {
            Assert.True(await call.ResponseStream.MoveNext(Ended));
            progress = call.ResponseStream.Current.Progress;
        }
        while (progress.Counts.Added < 9);

        Assert.Equal("first", progress.FileName);
        Assert.Equal((ulong)keyring.Length, progress.BytesReceived);
        Assert.Equal(0u, progress.FilesCompleted);
        await call.RequestStream.CompleteAsync();
    }

    [Fact]
    public async Task Steps_out_of_order_are_errors()
    {
        await using TestServer server = await TestServer.StartAsync();

        await RpcFailure.AssertInvalidAsync("data", () => SendAsync(server, new ImportRequest { Data = ByteString.CopyFrom(1) }));
        await RpcFailure.AssertInvalidAsync("step", () => SendAsync(server, new ImportRequest()));
        var longName = new ImportRequest { File = new ImportFile { Name = new string('n', 5000) } };
        await RpcFailure.AssertInvalidAsync("file.name", () => SendAsync(server, longName));
    }

    [Fact]
    public async Task Store_that_cannot_be_written_ends_the_call_while_the_client_is_still_sending()
    {
        await using TestServer server = await TestServer.StartAsync(options => options.MinFreeDiskBytes = long.MaxValue);
        using AsyncDuplexStreamingCall<ImportRequest, ImportResponse> call = server.Admin.Import(cancellationToken: Ended);
        await call.RequestStream.WriteAsync(new ImportRequest { File = new ImportFile { Name = "f" } }, Ended);
        var data = new ImportRequest { Data = ByteString.CopyFrom(TestCertificate.CreateKeyring(1, 10)) };
        await call.RequestStream.WriteAsync(data, Ended);

        Google.Rpc.Status status = await RpcFailure.AssertFailsAsync(
            StatusCode.Unavailable, "STORE_NOT_WRITABLE", async () => await call.ResponseStream.ReadAllAsync(Ended).ToListAsync(Ended));
        Assert.NotNull(status.Require<RetryInfo>());
    }

    [Fact]
    public async Task Import_that_has_been_sent_completely_fails_when_nothing_of_it_was_stored()
    {
        await using TestServer server = await TestServer.StartAsync(options => options.MinFreeDiskBytes = long.MaxValue);
        for (int round = 0; round < 20; round++)
        {
            using AsyncDuplexStreamingCall<ImportRequest, ImportResponse> call = server.Admin.Import(cancellationToken: Ended);
            await call.RequestStream.WriteAsync(new ImportRequest { File = new ImportFile { Name = "f" } }, Ended);
            var data = new ImportRequest { Data = ByteString.CopyFrom(TestCertificate.CreateKeyring(1, 1)) };
            await call.RequestStream.WriteAsync(data, Ended);
            await call.RequestStream.CompleteAsync();

            await RpcFailure.AssertFailsAsync(
                StatusCode.Unavailable, "STORE_NOT_WRITABLE", async () => await call.ResponseStream.ReadAllAsync(Ended).ToListAsync(Ended));
        }
    }

    [Fact]
    public async Task Cancelled_import_keeps_what_was_stored_and_leaves_the_server_in_order()
    {
        await using TestServer server = await TestServer.StartAsync();
        using (AsyncDuplexStreamingCall<ImportRequest, ImportResponse> call = server.Admin.Import(cancellationToken: Ended))
        {
            await call.RequestStream.WriteAsync(new ImportRequest { File = new ImportFile { Name = "f" } }, Ended);
            var data = new ImportRequest { Data = ByteString.CopyFrom(TestCertificate.CreateKeyring(1, 10)) };
            await call.RequestStream.WriteAsync(data, Ended);
            do
            {
                Assert.True(await call.ResponseStream.MoveNext(Ended));
            }
            while (call.ResponseStream.Current.Progress.Counts.Added == 0);
        }

        ImportSummary summary = await ImportAsync(server, ("f", TestCertificate.CreateKeyring(1, 10)));

        Assert.Equal(10ul, summary.Counts.Added + summary.Counts.Unchanged);
        Assert.True(summary.Counts.Unchanged > 0);
        Assert.DoesNotContain(server.Log.Lines, line => line.StartsWith("Error Sks.Grpc", StringComparison.Ordinal));
    }

    private static async Task SendAsync(TestServer server, ImportRequest request)
    {
        using AsyncDuplexStreamingCall<ImportRequest, ImportResponse> call = server.Admin.Import(cancellationToken: Ended);
        await call.RequestStream.WriteAsync(request, Ended);
        await call.ResponseStream.MoveNext(Ended);
    }

    private static async Task<ImportSummary> ImportAsync(TestServer server, params (string Name, byte[] Data)[] files)
    {
        using AsyncDuplexStreamingCall<ImportRequest, ImportResponse> call = server.Admin.Import(cancellationToken: Ended);
        foreach ((string name, byte[] data) in files)
        {
            await call.RequestStream.WriteAsync(new ImportRequest { File = new ImportFile { Name = name } }, Ended);
            foreach (byte[] piece in data.Chunk(PieceBytes))
                await call.RequestStream.WriteAsync(new ImportRequest { Data = ByteString.CopyFrom(piece) }, Ended);
        }

        await call.RequestStream.CompleteAsync();
        List<ImportResponse> responses = await call.ResponseStream.ReadAllAsync(Ended).ToListAsync(Ended);
        Assert.All(responses[..^1], response => Assert.Equal(ImportResponse.ReportOneofCase.Progress, response.ReportCase));
        Assert.Equal(ImportResponse.ReportOneofCase.Summary, responses[^1].ReportCase);
        return responses[^1].Summary;
    }
}
