using System.Buffers.Binary;
using RocksDbSharp;
using Sks.TestSupport;

namespace Sks.Storage.Tests;

public class OpeningTests
{
    [Fact]
    public async Task Newer_format_is_refused_in_clear_words()
    {
        StorageException error = await OpenAfterAsync((batch, database) => batch.Put("format"u8, [0, 0, 0, 5], database[Family.Meta]));
        Assert.Equal(StorageErrorKind.UnknownFormat, error.Kind);
        Assert.Contains("format 5; this release reads formats up to 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Store_without_format_is_corrupt_and_not_taken_for_a_new_one()
    {
        StorageException error = await OpenAfterAsync((batch, database) => batch.Delete("format"u8, database[Family.Meta]));
        Assert.Equal(StorageErrorKind.Corrupt, error.Kind);
    }

    [Fact]
    public async Task Store_without_counters_is_corrupt()
    {
        StorageException error = await OpenAfterAsync((batch, database) => batch.Delete("state"u8, database[Family.Meta]));
        Assert.Equal(StorageErrorKind.Corrupt, error.Kind);
    }

    [Fact]
    public void Unknown_family_is_refused_in_clear_words()
    {
        using var folder = new TemporaryFolder();
        using (RocksDb other = RocksDb.Open(
            new DbOptions().SetCreateIfMissing(true).SetCreateMissingColumnFamilies(true),
            folder.Combine(CertificateStore.DatabaseFolder),
            new ColumnFamilies { { "future", new ColumnFamilyOptions() } }))
        {
            other.Put("a", "b");
        }

        StorageException error = AssertRefused(folder.Path);
        Assert.Equal(StorageErrorKind.UnknownFormat, error.Kind);
        Assert.Contains("'future'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Second_store_or_import_of_this_process_is_locked_out()
    {
        await using TestStore test = TestStore.Open();
        Assert.Equal(StorageErrorKind.Locked, AssertRefused(test.Folder).Kind);
        Assert.Equal(StorageErrorKind.Locked, Assert.Throws<StorageException>(() => BulkLoads.Open(test.Folder)).Kind);
    }

    [Fact]
    public async Task Second_store_is_locked_out_by_another_process()
    {
        using var folder = new TemporaryFolder();
        await using RunningProcess holder = CrashChild.Start("hold", folder.Path, 0);
        await holder.WaitForLineAsync("open", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(StorageErrorKind.Locked, AssertRefused(folder.Path).Kind);
        await holder.KillAsync(TestContext.Current.CancellationToken);
        await Open(folder.Path).DisposeAsync();
    }

    [Fact]
    public async Task Import_that_builds_aside_locks_out_stores_and_imports_and_survives_their_attempts()
    {
        using var folder = new TemporaryFolder();
        using (BulkLoader loader = BulkLoads.Open(folder.Path))
        {
            loader.Load([TestStore.Certificate(1)]);
            Assert.Equal(StorageErrorKind.Locked, AssertRefused(folder.Path).Kind);
            Assert.Equal(StorageErrorKind.Locked, Assert.Throws<StorageException>(() => BulkLoads.Open(folder.Path)).Kind);
            loader.Load([TestStore.Certificate(2)]);
            loader.Finish();
        }

        await using CertificateStore store = Open(folder.Path);
        Assert.Equal(2, store.Count);
    }

    [Fact]
    public void Folder_that_cannot_be_created_is_not_writable()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.Combine("file"), "");
        Assert.Equal(StorageErrorKind.NotWritable, AssertRefused(folder.Combine("file")).Kind);
        Assert.Equal(StorageErrorKind.NotWritable, AssertRefused(folder.Combine("file", "below")).Kind);
        Assert.Equal(StorageErrorKind.NotWritable, Assert.Throws<StorageException>(() => BulkLoads.Open(folder.Combine("file"))).Kind);
    }

    [Fact]
    public async Task Damaged_database_is_corrupt_and_not_locked()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(TestStore.Certificate(1), TestContext.Current.CancellationToken);
        await test.Store.DisposeAsync();
        string manifest = Directory.GetFiles(Path.Combine(test.Folder, "db"), "MANIFEST-*").Single();
        byte[] bytes = await File.ReadAllBytesAsync(manifest, TestContext.Current.CancellationToken);
        bytes[^20] ^= 0xFF;
        bytes[20] ^= 0xFF;
        await File.WriteAllBytesAsync(manifest, bytes, TestContext.Current.CancellationToken);
        Assert.Equal(StorageErrorKind.Corrupt, AssertRefused(test.Folder).Kind);
    }

    [Fact]
    public async Task Failed_opening_leaves_nothing_locked()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(TestStore.Certificate(1), TestContext.Current.CancellationToken);
        await test.Store.DisposeAsync();
        SetFormat(9);
        Assert.Equal(StorageErrorKind.UnknownFormat, AssertRefused(test.Folder).Kind);
        Assert.Equal(StorageErrorKind.UnknownFormat, Assert.Throws<StorageException>(() => BulkLoads.Open(test.Folder)).Kind);
        SetFormat(StoreFormat.Current);
        await test.ReopenAsync();
        Assert.Equal(1, test.Store.Count);

        void SetFormat(uint format) => RawStore.Edit(test.Folder, (batch, database) =>
        {
            var value = new byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32BigEndian(value, format);
            batch.Put("format"u8, value, database[Family.Meta]);
        });
    }

    [Fact]
    public async Task Leftovers_of_an_interrupted_build_are_cleared_away()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.Combine("db.building"));
        Directory.CreateDirectory(folder.Combine("db.tables"));
        await Open(folder.Path).DisposeAsync();
        Assert.Equal([folder.Combine("db")], Directory.GetDirectories(folder.Path));
    }

    private static CertificateStore Open(string folder) =>
        CertificateStore.Open(new StoreOptions { Folder = folder, MinFreeDiskBytes = 0 }, TimeProvider.System);

    private static StorageException AssertRefused(string folder) => Assert.Throws<StorageException>(() => { _ = Open(folder); });

    private static async Task<StorageException> OpenAfterAsync(Action<WriteBatch, Database> edit)
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(TestStore.Certificate(1), TestContext.Current.CancellationToken);
        await test.Store.DisposeAsync();
        RawStore.Edit(test.Folder, edit);
        return AssertRefused(test.Folder);
    }
}
