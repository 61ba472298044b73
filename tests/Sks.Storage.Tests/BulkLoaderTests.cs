using Sks.OpenPgp;
using Sks.TestSupport;

namespace Sks.Storage.Tests;

public class BulkLoaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bulk_load_ends_with_the_rows_of_the_write_path(bool intoExisting)
    {
        // Versions of one certificate are spread over chunks and within them; some certificates are stored before.
        Certificate[] before = [.. Enumerable.Range(1, 30).Select(static seed => TestStore.Version(seed, 1, 2))];
        Certificate[] first = [.. Synthetic(1, 60), .. Synthetic(2, 60), TestStore.Certificate(500), .. RealOnes()];
        Certificate[] second = [.. Synthetic(3, 90), .. Synthetic(3, 10), .. RealOnes(), TestStore.Certificate(501)];
        Certificate[] third = [TestStore.Version(1, 9), .. Synthetic(2, 5)];

        await using TestStore online = TestStore.Open();
        await using TestStore bulk = TestStore.Open();
        if (intoExisting)
        {
            await online.SubmitAllAsync(before);
            await bulk.SubmitAllAsync(before);
        }

        long added = 0, updated = 0, unchanged = 0;
        foreach (Certificate certificate in (Certificate[])[.. first, .. second, .. third])
        {
            bool isNew = online.Find(certificate.Identity) is null;
            bool written = await online.SubmitAsync(certificate, Token);
            added += isNew ? 1 : 0;
            updated += written && !isNew ? 1 : 0;
            unchanged += written ? 0 : 1;
        }

        await bulk.WhileClosedAsync(folder =>
        {
            if (!intoExisting)
                Directory.Delete(Path.Combine(folder, "db"), recursive: true);
            Assert.Equal(new BulkCounts(added, updated, unchanged, 0), BulkLoads.Load(folder, first, second, third));
        });
        bulk.AssertSound();
        Assert.Equal(online.Store.Count, bulk.Store.Count);
        await online.WhileClosedAsync(_ => { });
        await online.Store.DisposeAsync();
        await bulk.Store.DisposeAsync();
        Assert.Equal(RawStore.ReadComparable(online.Folder), RawStore.ReadComparable(bulk.Folder));
    }

    [Fact]
    public void Load_into_nothing_leaves_nothing_when_it_is_not_finished()
    {
        using var folder = new TemporaryFolder();
        using (BulkLoader loader = BulkLoads.Open(folder.Path))
            loader.Load([TestStore.Certificate(1)]);
        Assert.False(CertificateStore.Exists(folder.Path));
        Assert.Empty(Directory.GetDirectories(folder.Path));
    }

    [Fact]
    public async Task Unfinished_load_into_a_store_leaves_it_sound_with_all_it_had()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync(Enumerable.Range(1, 20).Select(static seed => TestStore.Version(seed, 1)));
        ulong incarnation = test.Store.Newest.Incarnation;
        await test.WhileClosedAsync(static folder =>
        {
            using BulkLoader loader = BulkLoads.Open(folder);
            loader.Load([.. Enumerable.Range(10, 20).Select(static seed => TestStore.Version(seed, 2))]);
        });
        test.AssertSound();
        Assert.Equal(29, test.Store.Count);
        Assert.NotEqual(incarnation, test.Store.Newest.Incarnation);
        Assert.Equal(TestStore.Version(15, 1, 2).Digest, test.Find(TestStore.Version(15, 1).Identity)!.SksDigest);
        Assert.Equal(TestStore.Version(5, 1).Digest, test.Find(TestStore.Version(5, 1).Identity)!.SksDigest);
    }

    [Fact]
    public async Task Load_upon_an_unfinished_load_is_sound()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(TestStore.Version(1, 1), Token);
        await test.WhileClosedAsync(static folder =>
        {
            using (BulkLoader loader = BulkLoads.Open(folder))
                loader.Load([TestStore.Version(1, 2), TestStore.Version(2, 1)]);
            BulkLoads.Load(folder, [TestStore.Version(1, 3), TestStore.Version(3, 1)]);
        });
        test.AssertSound();
        Assert.Equal(3, test.Store.Count);
        Assert.Equal(TestStore.Version(1, 1, 2, 3).Digest, test.Find(TestStore.Version(1).Identity)!.SksDigest);
    }

    [Fact]
    public async Task Union_that_is_not_accepted_leaves_what_was_stored()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(TestStore.Version(1, 1), Token);
        await test.WhileClosedAsync(static folder =>
        {
            using BulkLoader loader = BulkLoader.Open(folder, static (stored, incoming) => stored is null ? Merging.ViewsOf(incoming) : null);
            loader.Load([TestStore.Version(1, 2), TestStore.Version(1, 1), TestStore.Version(2, 1), TestStore.Version(2, 2)]);
            loader.Finish();
            Assert.Equal(new BulkCounts(1, 0, 1, 2), loader.Counts);
        });
        test.AssertSound();
        Assert.Equal(TestStore.Version(1, 1).Digest, test.Find(TestStore.Version(1).Identity)!.SksDigest);
        Assert.Equal(TestStore.Version(2, 1).Digest, test.Find(TestStore.Version(2).Identity)!.SksDigest);
    }

    [Fact]
    public void New_certificate_that_is_not_accepted_is_not_stored()
    {
        using var folder = new TemporaryFolder();
        using BulkLoader loader = BulkLoader.Open(
            folder.Path, static (stored, incoming) => incoming.UserIds.Count == 1 ? null : Merging.Unite(stored, incoming));
        loader.Load([TestStore.Version(1, 1), TestStore.Version(2, 1, 2), TestStore.Version(1, 1, 2), TestStore.Version(2, 3)]);
        loader.Finish();
        Assert.Equal(new BulkCounts(2, 0, 0, 2), loader.Counts);
    }

    [Fact]
    public async Task Submissions_go_on_after_a_load()
    {
        await using TestStore test = TestStore.Open();
        await test.WhileClosedAsync(static folder => BulkLoads.Load(folder, [TestStore.Version(1, 1), TestStore.Version(2, 1)]));
        Assert.True(await test.SubmitAsync(TestStore.Version(1, 2), Token));
        Assert.Single(test.Store.ReadChanges(test.Store.Oldest.Sequence));
        test.AssertSound();
    }

    [Fact]
    public async Task Killed_loads_into_a_store_lose_nothing_it_had()
    {
        await using TestStore test = TestStore.Open();
        Certificate[] before = [.. Enumerable.Range(1, 100).Select(static seed => TestStore.Version(seed, 1))];
        await test.SubmitAllAsync(before);
        for (int round = 0; round < 4; round++)
        {
            await test.Store.DisposeAsync();
            await using (RunningProcess child = CrashChild.Start("bulk", test.Folder, 1000 * (round + 1)))
            {
                // At another step of the load each time, and wherever it happens to be by then.
                await child.WaitForLineAsync(round == 0 ? "open" : $"loaded {round * 2}", cancellationToken: Token);
                await child.KillAsync(Token);
            }

            await test.ReopenAsync();
            test.AssertSound();
            foreach (Certificate certificate in before)
            {
                Certificate stored = test.Find(certificate.Identity)!.ReadFullView()!.Certificate;
                Assert.Equal(stored.Digest, CertificateMerger.Merge(stored, certificate).Digest);
            }
        }

        Assert.True(test.Store.Count > 100);
    }

    [Fact]
    public async Task Killed_load_into_nothing_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        await using (RunningProcess child = CrashChild.Start("bulk", folder.Path, 1000))
        {
            await child.WaitForLineAsync("loaded 1", cancellationToken: Token);
            await child.KillAsync(Token);
        }

        Assert.False(CertificateStore.Exists(folder.Path));
        Assert.Equal(2, BulkLoads.Load(folder.Path, [TestStore.Certificate(1), TestStore.Certificate(2)]).Added);
        Assert.Equal([folder.Combine("db")], Directory.GetDirectories(folder.Path));
    }

    private static IEnumerable<Certificate> Synthetic(int part, int count) =>
        Enumerable.Range(1, count).Select(seed => TestStore.Version(seed, part, part + (seed % 3)));

    // Debian's and versions 2 and 3, with and without the first half of their signatures.
    private static IEnumerable<Certificate> RealOnes() =>
        Keyrings.Read(File.ReadAllBytes(DebianKeyrings.Roles.Require()))
            .Concat(Keyrings.Read(TestData.Read("keyhash", "keys-synthetic-v2v3.pgp")))
            .Concat(Keyrings.Read(TestData.Read("keyhash", "keys-debian-260.pgp")).Take(40));
}
