using System.Security.Cryptography;
using Sks.OpenPgp;
using Sks.TestSupport;

namespace Sks.Storage.Tests;

/// <summary>A real file system that is really full.</summary>
public class DiskFullTests
{
    private const int DiskBytes = 64 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 60 << 20)] // the log meets the end of the disk
    [InlineData(0, 36 << 20)] // so does a table that is written in the background
    [InlineData(8 << 20, 48 << 20)] // neither: writing stops before
    public async Task Full_disk_stops_writing_until_there_is_room_again(long minFree, int ballastBytes)
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(DiskBytes);
        string ballast = Path.Combine(disk.Path, "ballast");
        await File.WriteAllBytesAsync(ballast, RandomNumberGenerator.GetBytes(ballastBytes), Token);
        var options = new StoreOptions { Folder = Path.Combine(disk.Path, "data"), MinFreeDiskBytes = minFree };
        Dictionary<CertificateIdentity, SksDigest> acknowledged = [];
        ulong sequence;
        await using (CertificateStore store = CertificateStore.Open(options, TimeProvider.System))
        {
            StorageException error = await FillAsync(store, acknowledged);
            Assert.Equal(StorageErrorKind.NotWritable, error.Kind);
            Assert.False(store.IsWritable);
            Assert.False(store.WriterCompletion.IsCompleted);
            Assert.Equal(acknowledged.Count, store.Count);
            AssertHolds(store, acknowledged);

            // Repeated attempts neither help nor harm, nor does a crash now, whether or not the failed group reached the log.
            await Assert.ThrowsAsync<StorageException>(() => CommitAsync(store, -1));
            using (var copy = new TemporaryFolder())
            {
                CrashCopy.Take(options.Folder, copy.Combine("crash"));
                await using CertificateStore afterCrash = CertificateStore.Open(options with { Folder = copy.Combine("crash"), MinFreeDiskBytes = 0 }, TimeProvider.System);
                AssertHolds(afterCrash, acknowledged);
                Assert.InRange(afterCrash.Count, acknowledged.Count, acknowledged.Count + 1);
                Assert.Equal((ulong)afterCrash.Count, afterCrash.Newest.Sequence);
            }

            File.Delete(ballast);
            await Eventually.IsTrueAsync(() => store.IsWritable, "the store is writable again", cancellationToken: Token);
            for (int seed = 1_000_000; seed < 1_000_010; seed++)
                acknowledged.Add(IdentityOf(seed), await CommitAsync(store, seed));
            AssertHolds(store, acknowledged);
            Assert.Equal((ulong)acknowledged.Count, store.Newest.Sequence);
            Assert.Equal(acknowledged.Count, store.Count);
            sequence = store.Newest.Sequence;
        }

        await using CertificateStore again = CertificateStore.Open(options, TimeProvider.System);
        AssertHolds(again, acknowledged);
        Assert.Equal(sequence, again.Newest.Sequence);
        Assert.Equal(Enumerable.Range(1, (int)sequence).Select(static i => (ulong)i), ReadSequences(again));
    }

    [Fact]
    public async Task Bulk_load_on_a_full_disk_fails_in_clear_words_and_leaves_the_store_as_it_was()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(DiskBytes);
        string folder = Path.Combine(disk.Path, "data");
        string ballast = Path.Combine(disk.Path, "ballast");
        BulkLoads.Load(folder, [Large(1)]);
        await File.WriteAllBytesAsync(ballast, RandomNumberGenerator.GetBytes(48 << 20), Token);
        using (BulkLoader loader = BulkLoads.Open(folder))
        {
            StorageException error = Assert.Throws<StorageException>(() =>
            {
                for (int seed = 2; seed < 10_000; seed += 10)
                    loader.Load([.. Enumerable.Range(seed, 10).Select(Large)]);
            });
            Assert.Equal(StorageErrorKind.NotWritable, error.Kind);
        }

        File.Delete(ballast);
        await using CertificateStore store = CertificateStore.Open(new StoreOptions { Folder = folder, MinFreeDiskBytes = 0 }, TimeProvider.System);
        AssertHolds(store, new() { [IdentityOf(1)] = Large(1).Digest });
    }

    // One at a time, so that every acknowledgement is known.
    private static async Task<StorageException> FillAsync(CertificateStore store, Dictionary<CertificateIdentity, SksDigest> acknowledged)
    {
        for (int seed = 1; ; seed++)
        {
            try
            {
                acknowledged.Add(IdentityOf(seed), await CommitAsync(store, seed));
            }
            catch (StorageException e)
            {
                return e;
            }
        }
    }

    private static async Task<SksDigest> CommitAsync(CertificateStore store, int seed)
    {
        Certificate certificate = Large(seed);
        Assert.Equal(CommitResult.Committed, await store.CommitAsync(Merging.Addition(certificate), Token));
        return certificate.Digest;
    }

    private static Certificate Large(int seed) => new CertificateBuilder(seed).Attribute(60_000).BuildCertificate();

    private static CertificateIdentity IdentityOf(int seed) => CertificateIdentity.Of(new CertificateBuilder(seed).PrimaryKey);

    private static void AssertHolds(CertificateStore store, Dictionary<CertificateIdentity, SksDigest> certificates)
    {
        using (StoreLease lease = store.TakeLease())
        {
            foreach ((CertificateIdentity identity, SksDigest digest) in certificates)
                Assert.Equal(digest, lease.Reader.Find(identity)?.SksDigest);
        }

        Assert.Equal([], store.Check(null, Token).Differences);
    }

    private static List<ulong> ReadSequences(CertificateStore store)
    {
        List<ulong> sequences = [];
        for (IReadOnlyList<Change> changes = store.ReadChanges(0); changes.Count > 0; changes = store.ReadChanges(sequences[^1]))
            sequences.AddRange(changes.Select(static change => change.Sequence));
        return sequences;
    }
}
