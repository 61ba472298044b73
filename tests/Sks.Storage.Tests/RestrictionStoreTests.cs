using System.Text;
using Sks.OpenPgp;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.Storage.Tests;

public class RestrictionStoreTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private static readonly byte[] Origin = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];
    private static readonly Certificate Victim = TestStore.Certificate(3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Removal_leaves_no_row_and_is_told_by_the_log()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync(Enumerable.Range(1, 5).Select(TestStore.Certificate));
        Assert.Equal(CommitResult.Committed, await test.Store.CommitAsync(Restriction(1, Removal(test, Victim)), Token));

        Assert.Null(test.Find(Victim.Identity));
        Assert.Equal(4, test.Store.Count);
        test.AssertSound();
        Change last = test.Store.ReadChanges(5).Single();
        Assert.Equal((Victim.Identity, Victim.Digest, null, ChangeSource.Restriction), (last.Identity, last.OldDigest, last.NewDigest, last.Source));
        await test.WhileClosedAsync(static folder =>
        {
            byte[] identity = Victim.Identity.Span.ToArray();
            foreach (Family family in FamilyNames.Derived.Append(Family.Certificates))
                Assert.DoesNotContain(RawStore.Read(folder, family), row => row.Key.AsSpan().IndexOf(identity) >= 0 || row.Value.AsSpan().IndexOf(identity) >= 0);
        });
    }

    [Theory]
    [InlineData(3)]
    [InlineData(60)]
    public async Task Damaged_record_can_be_removed_with_all_that_leads_to_it(int bytesLeft)
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync(Enumerable.Range(1, 5).Select(TestStore.Certificate));
        await test.WhileClosedAsync(folder => RawStore.Edit(folder, (batch, database) => batch.Put(
            Victim.Identity.Span,
            database.Rocks.Get(Victim.Identity.Span.ToArray(), database[Family.Certificates]).AsSpan(0, bytesLeft),
            database[Family.Certificates])));
        Assert.Throws<StorageException>(() => test.Find(Victim.Identity));

        using (StoreLease lease = test.Store.TakeLease())
        {
            PreparedChange removal = PreparedChange.CreateRemoval(lease.Reader, Victim.Identity, ChangeSource.Restriction)!;
            Assert.Equal(CommitResult.Committed, await test.Store.CommitAsync(Restriction(1, removal), Token));
            Assert.Null(PreparedChange.CreateRemoval(lease.Reader, Victim.Identity, ChangeSource.Restriction));
        }

        Assert.Equal(4, test.Store.Count);
        test.AssertSound();
    }

    [Fact]
    public async Task Restriction_and_removal_survive_a_crash_together()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync(Enumerable.Range(1, 5).Select(TestStore.Certificate));
        await test.Store.CommitAsync(Restriction(1, Removal(test, Victim)), Token);

        using var copy = new TemporaryFolder();
        CrashCopy.Take(test.Folder, copy.Path);
        await using CertificateStore crashed = CertificateStore.Open(new StoreOptions { Folder = copy.Path, MinFreeDiskBytes = 0 }, test.Time);
        Assert.Equal(0, crashed.Check(null, Token).DifferenceCount);
        Assert.Equal(4, crashed.Count);
        RestrictionRow row = Assert.Single(crashed.ReadRestrictions());
        Assert.Equal((1UL, "record", "note"), (row.Sequence, Encoding.UTF8.GetString(row.Record.Span), Encoding.UTF8.GetString(row.Note.Span)));
        Assert.Equal(Origin, row.Origin.ToArray());
    }

    [Fact]
    public async Task Change_worked_out_before_a_restriction_is_a_conflict()
    {
        await using TestStore test = TestStore.Open();
        PreparedChange before = test.Prepare(Victim, test.Store.RestrictionVersion)!;
        PreparedChange unbound = test.Prepare(TestStore.Certificate(4))!;
        await test.Store.CommitAsync(Restriction(1), Token);

        Assert.Equal(CommitResult.Conflict, await test.Store.CommitAsync(before, Token));
        Assert.Equal(CommitResult.Committed, await test.Store.CommitAsync(unbound, Token));
        PreparedChange after = test.Prepare(Victim, test.Store.RestrictionVersion)!;
        Assert.Equal(CommitResult.Committed, await test.Store.CommitAsync(after, Token));
    }

    [Fact]
    public async Task Removal_of_a_certificate_that_has_changed_writes_nothing()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(TestStore.Version(1, 1), Token);
        PreparedChange removal = Removal(test, TestStore.Version(1, 1));
        await test.SubmitAsync(TestStore.Version(1, 2), Token);

        Assert.Equal(CommitResult.Conflict, await test.Store.CommitAsync(Restriction(1, removal), Token));
        Assert.Empty(test.Store.ReadRestrictions());
        Assert.Equal(1, test.Store.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Purged_bytes_are_in_no_file(bool wasBlockedLongBefore)
    {
        // The last one is in no packet: it is a word of the index.
        string[] secrets = ["QUAGGA", "wilhelmina", "zanzibar", "quagga"];
        await using TestStore test = TestStore.Open();
        Certificate erased = new SignedCertificate(new SigningKey(77))
            .UserId("QUAGGA <wilhelmina@zanzibar.example>").Certify().Subkey(new SigningKey(5), KeyUse.Encrypt).BuildCertificate();
        Certificate kept = new SignedCertificate(new SigningKey(78)).UserId("Konstantin").Certify().BuildCertificate();
        byte[][] packets = [.. erased.Packets.Select(static packet => packet.Body.ToArray())];
        await test.SubmitAllAsync([erased, kept, .. Enumerable.Range(100, 200).Select(TestStore.Certificate)]);
        await test.ReopenAsync();
        await test.Store.CommitAsync(Restriction(1, Removal(test, erased)) with { Erases = !wasBlockedLongBefore }, Token);
        if (wasBlockedLongBefore)
        {
            await test.ReopenAsync();
            await test.Store.CommitAsync(Restriction(2), Token);
        }

        Assert.True(test.Store.NeedsPurge);
        Assert.All(secrets, secret => Assert.NotEmpty(FilesWith(test, secret)));
        PurgeResult result = await PurgeAsync(test);

        Assert.True(result.IsComplete);
        Assert.False(test.Store.NeedsPurge);
        Assert.NotEmpty(FilesWith(test, "konstantin"));
        Assert.All(secrets, secret => Assert.Empty(FilesWith(test, secret)));
        Assert.All(packets, packet => Assert.Empty(FilesWith(test, packet)));
        test.AssertSound();
        await test.ReopenAsync();
        Assert.All(secrets, secret => Assert.Empty(FilesWith(test, secret)));
        Assert.Equal(201, test.Store.Count);
        test.AssertSound();
    }

    [Fact]
    public async Task Purge_waits_for_a_reader_and_says_so_when_it_stays()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(Victim, Token);
        StoreSnapshot snapshot = test.Store.TakeSnapshot();
        await test.Store.CommitAsync(Restriction(1, Removal(test, Victim)), Token);

        Assert.False((await PurgeAsync(test)).IsComplete);
        Assert.True(test.Store.NeedsPurge);
        Assert.Equal(Victim.Digest, Assert.Single(snapshot.ReadAll()).SksDigest);
        snapshot.Dispose();
        Assert.True((await PurgeAsync(test)).IsComplete);
        Assert.Empty(FilesWith(test, Victim.UserIds[0].Packet.Body.ToArray()));
    }

    // The first purge has begun, and waits for a reader that is older, when the second erasure is written.
    [Fact]
    public async Task Purge_of_an_erasure_leaves_the_mark_of_the_next_one()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync([Victim, TestStore.Certificate(4)]);
        StoreSnapshot snapshot = test.Store.TakeSnapshot();
        await test.Store.CommitAsync(Restriction(1, Removal(test, Victim)), Token);
        Task<PurgeResult> purging = test.Store.PurgeAsync(Patience, Token);
        await test.Store.CommitAsync(Restriction(2, Removal(test, TestStore.Certificate(4))), Token);
        snapshot.Dispose();

        Assert.True((await EndAsync(test, purging)).IsComplete);
        Assert.True(test.Store.NeedsPurge);
        Assert.True((await PurgeAsync(test)).IsComplete);
        Assert.False(test.Store.NeedsPurge);
    }

    [Fact]
    public async Task Purge_is_needed_until_held_files_are_gone()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(Victim, Token);
        await test.ReopenAsync();
        using (StoreLease lease = test.Store.TakeLease())
        using (lease.Reader.NewIterator(Family.Certificates))
        {
            await test.Store.CommitAsync(Restriction(1, Removal(test, Victim)), Token);
            PurgeResult held = await PurgeAsync(test);
            Assert.False(held.IsComplete);
            Assert.NotEmpty(held.HeldFiles);
            Assert.True(test.Store.NeedsPurge);
        }

        Assert.Equal((true, 0), (await PurgeAsync(test)) is var gone ? (gone.IsComplete, gone.HeldFiles.Count) : default);
        Assert.False(test.Store.NeedsPurge);
        Assert.Empty(FilesWith(test, Victim.UserIds[0].Packet.Body.ToArray()));
    }

    [Fact]
    public async Task Nearly_full_disk_keeps_no_restriction_away()
    {
        bool isFull = false;
        await using TestStore test = TestStore.Open(options => isFull ? options with { MinFreeDiskBytes = long.MaxValue } : options);
        await test.SubmitAsync(Victim, Token);
        isFull = true;
        await test.ReopenAsync();
        await Assert.ThrowsAsync<StorageException>(() => test.SubmitAsync(TestStore.Certificate(4), Token));

        Assert.Equal(CommitResult.Committed, await test.Store.CommitAsync(Restriction(1, Removal(test, Victim)), Token));
        Assert.Equal(0, test.Store.Count);
        Assert.False(test.Store.IsWritable);
    }

    [Fact]
    public async Task New_folder_is_for_its_owner_only_and_another_stays_as_it_is()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other rights.");
        using var parent = new TemporaryFolder();
        string folder = Path.Combine(parent.Path, "new");
        UnixFileMode[] modes = [Private, Private | UnixFileMode.GroupRead | UnixFileMode.GroupExecute];
        foreach (UnixFileMode mode in modes)
        {
            await using (CertificateStore.Open(new StoreOptions { Folder = folder, MinFreeDiskBytes = 0 }, TimeProvider.System))
                Assert.Equal(mode, File.GetUnixFileMode(folder));
            File.SetUnixFileMode(folder, modes[1]);
        }
    }

    [Fact]
    public async Task Erasure_throws_away_what_a_repair_had_put_aside()
    {
        await using TestStore test = TestStore.Open();
        await test.WhileClosedAsync(static folder => RawStore.Edit(
            folder, static (batch, database) => batch.Put("damaged:x"u8.ToArray(), "zanzibar"u8.ToArray(), database[Family.Meta])));
        await test.Store.CommitAsync(Restriction(1), Token);
        await test.WhileClosedAsync(static folder => Assert.DoesNotContain(
            RawStore.Read(folder, Family.Meta), static row => row.Key.AsSpan().StartsWith("damaged:"u8)));
    }

    // Time passes only here: whoever waits for a reader waits on this clock.
    private static Task<PurgeResult> PurgeAsync(TestStore test) => EndAsync(test, test.Store.PurgeAsync(Patience, Token));

    private static async Task<PurgeResult> EndAsync(TestStore test, Task<PurgeResult> purging)
    {
        while (await Task.WhenAny(purging, Task.Delay(1, Token)) != purging)
            test.Time.Advance(TimeSpan.FromMilliseconds(50));
        return await purging;
    }

    private static RestrictionChange Restriction(ulong sequence, params PreparedChange[] changes) =>
        new([new RestrictionRow(Origin, sequence, "record"u8.ToArray(), "note"u8.ToArray())], changes, Erases: true);

    private static PreparedChange Removal(TestStore test, Certificate certificate)
    {
        StoredCertificate stored = test.Find(certificate.Identity)!;
        return PreparedChange.CreateRemoval(stored, ChangeSource.Restriction);
    }

    private static List<string> FilesWith(TestStore test, string text) => FilesWith(test, Encoding.UTF8.GetBytes(text));

    private static List<string> FilesWith(TestStore test, byte[] bytes) =>
        [.. Directory.EnumerateFiles(test.Folder, "*", SearchOption.AllDirectories).Where(path => ReadShared(path).AsSpan().IndexOf(bytes) >= 0)];

    // A compaction may delete a file between its listing and its reading: then it holds nothing.
    private static byte[] ReadShared(string path)
    {
        try
        {
            if (Path.GetFileName(path) == "lock")
                return [];
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (FileNotFoundException)
        {
            return [];
        }
    }
}
