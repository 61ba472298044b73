using System.Text;
using Sks.TestSupport;

namespace Sks.Storage.Tests;

/// <summary>Copies of a store that is in use.</summary>
public sealed class BackupTests : IDisposable
{
    private const string Secret = "a secret that two peers share";
    private const string Peer = "the key of a row";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Backup => _folder.Combine("backup");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Backup_has_what_was_stored_and_nothing_that_came_later()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync(Enumerable.Range(1, 20).Select(TestStore.Certificate));
        var before = test.ReadDigests();

        await test.Store.BackUpAsync(Backup, keepsLinks: false);
        await test.SubmitAsync(TestStore.Certificate(21), Token);

        await using (CertificateStore copy = Open(Backup))
        {
            using StoreSnapshot snapshot = copy.TakeSnapshot();
            Assert.Equal(before, snapshot.ReadAll().ToDictionary(static stored => stored.Identity, static stored => stored.SksDigest!.Value));
            Assert.Empty(copy.Check(null, Token).Differences);
        }

        Assert.Equal(21, test.Store.Count);
        test.AssertSound();
        await test.ReopenAsync();
        test.AssertSound();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_links_no_file_holds_their_bytes_though_they_were_written_and_deleted_in_any_way(bool wereInTables)
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(TestStore.Certificate(1), Token);
        await test.Store.WriteLinksAsync([Row(Peer + 1, Secret), Row(Peer + 2, Secret)], Token);
        if (wereInTables)
            await test.ReopenAsync();
        await test.Store.WriteLinksAsync([Row(Peer + 2, null), Row(Peer + 3, Secret)], Token);

        await test.Store.BackUpAsync(Backup, keepsLinks: false);
        await test.Store.BackUpAsync(_folder.Combine("whole"), keepsLinks: true);

        Assert.Empty(FilesWith(Backup, Secret));
        Assert.Empty(FilesWith(Backup, Peer));
        Assert.NotEmpty(FilesWith(_folder.Combine("whole"), Secret));
        await using CertificateStore copy = Open(Backup);
        Assert.Empty(copy.ReadLinks([]));
        Assert.Equal(1, copy.Count);
        await using CertificateStore whole = Open(_folder.Combine("whole"));
        Assert.Equal(2, whole.ReadLinks([]).Count);
        Assert.Equal(2, test.Store.ReadLinks([]).Count);
    }

    [Fact]
    public async Task Each_copy_begins_a_change_log_of_its_own_once()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(TestStore.Certificate(1), Token);
        await test.Store.BackUpAsync(Backup, keepsLinks: true);
        Copy(Backup, _folder.Combine("second"));

        ChangeCursor first = await NewestAsync(Backup);
        ChangeCursor second = await NewestAsync(_folder.Combine("second"));

        Assert.Equal(3, new HashSet<ulong> { test.Store.Newest.Incarnation, first.Incarnation, second.Incarnation }.Count);
        Assert.Equal(first, await NewestAsync(Backup));
        await using CertificateStore copy = Open(Backup);
        Assert.Equal(copy.Newest, copy.Oldest);
        Assert.Empty(copy.ReadChanges(0));
    }

    [Fact]
    public async Task Load_into_a_backup_is_as_sound_as_running_it()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(TestStore.Certificate(1), Token);
        await test.Store.BackUpAsync(Backup, keepsLinks: false);

        using (BulkLoader loader = BulkLoads.Open(Backup))
        {
            loader.Load([TestStore.Certificate(2)]);
            loader.Finish();
        }

        await using CertificateStore copy = Open(Backup);
        Assert.NotEqual(test.Store.Newest.Incarnation, copy.Newest.Incarnation);
        Assert.Equal(2, copy.Count);
        Assert.Empty(copy.Check(null, Token).Differences);
    }

    [Fact]
    public async Task Folder_with_a_store_is_left_alone_and_remains_of_a_cut_off_backup_are_replaced()
    {
        await using TestStore test = TestStore.Open();
        Directory.CreateDirectory(Path.Combine(Backup, "db.building"));
        await File.WriteAllTextAsync(Path.Combine(Backup, "db.building", "CURRENT"), "cut off", Token);
        await test.Store.BackUpAsync(Backup, keepsLinks: false);
        Assert.False(Directory.Exists(Path.Combine(Backup, "db.building")));

        StorageException again = await Assert.ThrowsAsync<StorageException>(() => test.Store.BackUpAsync(Backup, keepsLinks: false));
        Assert.Equal(StorageErrorKind.NotWritable, again.Kind);
        StorageException itself = await Assert.ThrowsAsync<StorageException>(() => test.Store.BackUpAsync(test.Folder, keepsLinks: false));
        Assert.Equal(StorageErrorKind.Locked, itself.Kind);
        test.AssertSound();
    }

    private static CertificateStore Open(string folder) =>
        CertificateStore.Open(new StoreOptions { Folder = folder, MinFreeDiskBytes = 0 }, TimeProvider.System);

    private static async Task<ChangeCursor> NewestAsync(string folder)
    {
        await using CertificateStore store = Open(folder);
        return store.Newest;
    }

    private static (byte[] Key, byte[]? Value) Row(string key, string? value) =>
        (Encoding.ASCII.GetBytes(key), value is null ? null : Encoding.ASCII.GetBytes(value));

    private static IEnumerable<string> FilesWith(string folder, string text) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.ASCII.GetBytes(text)) >= 0);

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
