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
            .. new CertificateBuilder(7).UserId("one more").Build(), .. CertificateBuilder.Ordinary(900).Build()[..^3],
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
        Assert.Single(test.Node.ReadAll(ServedView.Full));
        await test.AssertSoundAsync();
    }

    private static HashSet<(SksDigest?, ContentDigest?)> Digests(TestNode test) =>
        [.. test.Node.ReadAll(ServedView.Clean).Concat(test.Node.ReadAll(ServedView.Full)).Select(static found => (found.Stored.SksDigest, found.ContentDigest))];
}
