using Sks.OpenPgp;
using Sks.Storage;
using Sks.TestSupport;

namespace Sks.Node.Tests;

public class OfflineImportTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Import_offline_equals_import_online()
    {
        byte[] keyring =
        [
            .. TestData.Read("keyhash", "keys-synthetic-v2v3.pgp"), .. CertificateBuilder.Ordinary(1, 6).Build(),
            .. Enumerable.Range(1, 300).SelectMany(static seed => CertificateBuilder.Ordinary(seed).Build()),
            .. new CertificateBuilder(7).SignedUserId("one more").Build(), .. CertificateBuilder.Ordinary(900).Build()[..^3],
        ];
        await using TestNode online = TestNode.Open();
        List<SubmissionOutcome> expected = await online.ImportAsync(new MemoryStream(keyring));
        await using TestNode offline = TestNode.Open();
        List<SubmissionOutcome> rejected = [];
        await offline.WhileClosedAsync(async () =>
        {
            await using OfflineImport import = OfflineImport.Open(offline.Options);
            await import.ImportAsync(new MemoryStream(keyring), rejected.Add, null, Token);
            await import.FinishAsync();
            Assert.Equal(
                new BulkCounts(Count(SubmissionResult.Added), Count(SubmissionResult.Updated), Count(SubmissionResult.Unchanged), 0), import.Counts);
        });

        Assert.Equal(expected.Where(static outcome => outcome.Result == SubmissionResult.Rejected), rejected);
        Assert.Equal(Digests(online), Digests(offline));
        await offline.AssertSoundAsync();

        long Count(SubmissionResult result) => expected.Count(outcome => outcome.Result == result);
    }

    [Fact]
    public async Task Import_that_fails_on_its_way_leaves_what_was_there()
    {
        await using TestNode test = TestNode.Open();
        await test.SubmitAsync(CertificateBuilder.Ordinary(1));
        await test.WhileClosedAsync(async () =>
        {
            await using OfflineImport import = OfflineImport.Open(test.Options);
            using var stream = new FedStream([CertificateBuilder.Ordinary(2).Build()], FedStream.End.Failure);
            await Assert.ThrowsAsync<IOException>(() => import.ImportAsync(stream, static _ => { }, null, Token));
        });
        Assert.Single(test.Node.ReadAll());
        await test.AssertSoundAsync();
    }

    [Fact]
    public async Task Import_holds_to_the_limits_of_the_node()
    {
        await using TestNode test = TestNode.Open(static options => options.MaxPackets = 200);
        await test.WhileClosedAsync(async () =>
        {
            await using OfflineImport import = OfflineImport.Open(test.Options);
            byte[] two = [.. WithUserIds(0), .. WithUserIds(60)];
            await import.ImportAsync(new MemoryStream(two), static _ => { }, null, Token);
            await import.FinishAsync();
            Assert.Equal(new BulkCounts(1, 0, 0, 1), import.Counts);
        });
        Assert.Equal(121, Assert.Single(test.Node.ReadAll()).ReadFullView().PacketCount);

        static byte[] WithUserIds(int start) =>
            Enumerable.Range(start, 60).Aggregate(new CertificateBuilder(1), static (builder, i) => builder.SignedUserId($"user {i}")).Build();
    }

    private static HashSet<SksDigest> Digests(TestNode test) => [.. test.Node.ReadAll().Select(static stored => stored.SksDigest)];
}
