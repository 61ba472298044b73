using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Sks.Admin.V1;
using Sks.Grpc;
using Sks.Keys.V1;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

/// <summary>Kill -9 at any moment: what was acknowledged is there, and the store is sound.</summary>
public sealed class CrashTests : IDisposable
{
    private const int Rounds = 10;

    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.Combine("data");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_outcome_that_was_told_survives()
    {
        List<ReadOnlyMemory<byte>> certificates = [.. TestData.Split(TestData.DebianKeyring)];
        HashSet<ByteString> acknowledged = [];
        for (int round = 1; round <= Rounds; round++)
        {
            await using RunningNode node = await RunningNode.StartAsync(Data);
            using GrpcChannel channel = KeyserverChannel.ForAddress(node.Grpc);
            await ExpectAllAsync(new KeyService.KeyServiceClient(channel), acknowledged);

            // Everything is sent anew each time, so that the kill meets additions, and look-ups of what is there already.
            int goal = certificates.Count * round / (Rounds + 1);
            await SubmitUntilAsync(new KeyService.KeyServiceClient(channel), certificates, acknowledged, goal);
            await node.KillAsync();
        }

        await ExpectSoundAsync(acknowledged.Count);
    }

    [Fact]
    public async Task Progress_of_an_import_that_was_told_survives()
    {
        byte[] keyring = await File.ReadAllBytesAsync(TestData.DebianKeyring, TestContext.Current.CancellationToken);
        ulong acknowledged = 0;
        for (int round = 1; round <= Rounds; round++)
        {
            await using RunningNode node = await RunningNode.StartAsync(Data);
            using GrpcChannel channel = KeyserverChannel.ForSocket(Path.Combine(Data, "admin.sock"));
            var client = new AdminService.AdminServiceClient(channel);
            GetStatsResponse stats = await client.GetStatsAsync(new GetStatsRequest(), cancellationToken: TestContext.Current.CancellationToken);
            Assert.InRange(stats.CertificateCount, acknowledged, ulong.MaxValue);

            ulong told = await ImportUntilToldAsync(client, keyring.AsMemory(0, keyring.Length * round / Rounds));
            await node.KillAsync();

            // Not necessarily more than in the round before: how far an import is beyond its goal when it tells of it varies.
            acknowledged = Math.Max(acknowledged, told);
        }

        Assert.InRange(acknowledged, 100UL, ulong.MaxValue);
        await ExpectSoundAsync((long)acknowledged);
    }

    [Fact]
    public async Task An_import_without_a_node_that_is_killed_leaves_a_sound_store_or_none()
    {
        for (int round = 0; round < Rounds; round++)
        {
            await using RunningProcess import = RunningProcess.Start(Sksd.Command("import", "--data", Data, TestData.DebianKeyring));
            int files = CountFiles() + round;
            await Eventually.IsTrueAsync(() => import.HasExited || CountFiles() > files, "the import is under way", null, TestContext.Current.CancellationToken);
            await import.KillAsync(TestContext.Current.CancellationToken);

            ProcessResult check = await Sksd.RunAsync("check", "--data", Data);
            if (check.ExitCode == 3)
                Assert.Contains("no store", check.SingleError(), StringComparison.Ordinal);
            else
                Assert.StartsWith("check: ok, ", check.EnsureSuccess().OutputLines[^1], StringComparison.Ordinal);
        }

        (await Sksd.RunAsync("import", "--data", Data, TestData.DebianKeyring)).EnsureSuccess();
        await ExpectSoundAsync(260);
    }

    private static async Task ExpectAllAsync(KeyService.KeyServiceClient client, IEnumerable<ByteString> digests)
    {
        foreach (ByteString digest in digests)
        {
            GetResponse found = await client.GetAsync(
                new GetRequest { SksDigest = digest, View = CertificateView.Summary }, cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(digest, Assert.Single(found.Certificates).SksDigest);
        }
    }

    private static async Task SubmitUntilAsync(
        KeyService.KeyServiceClient client, IReadOnlyList<ReadOnlyMemory<byte>> certificates, HashSet<ByteString> acknowledged, int goal)
    {
        using AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> call =
            client.Submit(cancellationToken: TestContext.Current.CancellationToken);
        _ = SendAsync(call.RequestStream, certificates);
        await foreach (SubmitResponse response in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            foreach (SubmissionOutcome outcome in response.Outcomes)
            {
                Assert.NotEqual(SubmissionResult.Rejected, outcome.Result);
                if (acknowledged.Contains(outcome.SksDigest))
                    Assert.Equal(SubmissionResult.Unchanged, outcome.Result);
                acknowledged.Add(outcome.SksDigest);
            }

            if (acknowledged.Count >= goal)
                return;
        }

        Assert.Fail($"only {acknowledged.Count} of {goal} were acknowledged");
    }

    // Runs into the kill: what it comes to is of no interest.
    private static async Task SendAsync(IClientStreamWriter<SubmitRequest> requests, IReadOnlyList<ReadOnlyMemory<byte>> certificates)
    {
        try
        {
            for (int i = 0; i < certificates.Count; i++)
            {
                await requests.WriteAsync(
                    new SubmitRequest { RequestId = (ulong)i, Data = ByteString.CopyFrom(certificates[i].Span) }, TestContext.Current.CancellationToken);
            }
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or OperationCanceledException)
        {
        }
    }

    private static async Task<ulong> ImportUntilToldAsync(AdminService.AdminServiceClient client, ReadOnlyMemory<byte> part)
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        using AsyncDuplexStreamingCall<ImportRequest, ImportResponse> call = client.Import(cancellationToken: cancellationToken);
        await call.RequestStream.WriteAsync(new ImportRequest { File = new ImportFile { Name = "part" } }, cancellationToken);
        await call.RequestStream.WriteAsync(new ImportRequest { Data = ByteString.CopyFrom(part.Span) }, cancellationToken);

        // The file is not at its end, so the import goes on until it is killed. Its last certificate is not complete yet.
        ulong expected = (ulong)CountComplete(part) - 1;
        await foreach (ImportResponse response in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            ImportCounts counts = response.Progress.Counts;
            if (counts.Added + counts.Unchanged >= expected / 2)
                return counts.Added + counts.Unchanged;
        }

        throw new InvalidOperationException("the import ended by itself");
    }

    private static int CountComplete(ReadOnlyMemory<byte> part)
    {
        int count = 0;
        long length = 0;
        foreach (ReadOnlyMemory<byte> certificate in TestData.Split(TestData.DebianKeyring))
        {
            length += certificate.Length;
            if (length > part.Length)
                break;
            count++;
        }

        return count;
    }

    private int CountFiles() =>
        Directory.Exists(Data) ? Directory.EnumerateFiles(Data, "*", new EnumerationOptions { RecurseSubdirectories = true }).Count() : 0;

    private async Task ExpectSoundAsync(long atLeast)
    {
        string line = (await Sksd.RunAsync("check", "--data", Data)).EnsureSuccess().OutputLines[^1];
        Assert.StartsWith("check: ok, ", line, StringComparison.Ordinal);
        Assert.InRange(long.Parse(line.Split(' ')[2], null), atLeast, long.MaxValue);
    }
}
