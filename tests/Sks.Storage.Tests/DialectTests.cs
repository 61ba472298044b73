using RocksDbSharp;
using Sks.OpenPgp;
using Sks.Reconciliation;
using Sks.TestSupport.Signing;

namespace Sks.Storage.Tests;

/// <summary>The digests of dialects and their trees follow the certificates, whenever a dialect is brought in.</summary>
public class DialectTests
{
    private const int Count = 40;

    private static readonly Dialect First = Dialect.Hockeypuck23;
    private static readonly Dialect Second = Dialect.Hockeypuck24;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_store_has_them_from_the_first_certificate_on()
    {
        await using TestStore test = TestStore.Open(static options => options with { Dialects = [First, Second] });
        await test.SubmitAllAsync(Certificates(Count));
        await test.SubmitAllAsync(Certificates(Count, isRevoked: true));
        AssertHolds(test, First, Count);
        AssertHolds(test, Second, Count);

        await test.ReopenAsync();
        AssertHolds(test, First, Count);
    }

    [Fact]
    public async Task View_differs_from_what_SKS_holds_where_the_rules_say_so()
    {
        await using TestStore test = TestStore.Open(static options => options with { Dialects = [First] });
        Certificate revoked = Certificates(1, isRevoked: true)[0];
        await test.SubmitAsync(revoked, Token);
        StoredCertificate stored = test.Find(revoked.Identity)!;
        Assert.NotEqual(stored.SksDigest, stored.DigestOf(First));
        Assert.Empty(stored.ReadView(First)!.UserIds);
        Assert.Equal(stored.DigestOf(First), stored.ReadView(First)!.Digest);

        // Unproven: SKS holds it, the dialect nothing.
        Certificate unproven = new SignedCertificate(SigningKey.FromPool(3)).UserId("Nobody <nobody@example.org>").BuildCertificate();
        await test.SubmitAsync(unproven, Token);
        Assert.Null(test.Find(unproven.Identity)!.DigestOf(First));
        AssertHolds(test, First, 1);
    }

    [Fact]
    public async Task Dialect_is_brought_into_a_store_in_use()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync(Certificates(Count));
        ChangeCursor before = test.Store.Newest;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task building = test.Store.DialectBuild.RunAsync(stop.Token);

        Task adding = test.Store.DialectBuild.AddAsync(First, Token);
        await test.SubmitAllAsync(Certificates(Count, isRevoked: true));
        await adding;
        await CompleteAsync(test, First);
        AssertHolds(test, First, Count);

        // The dialect itself leaves no trace in the log.
        Assert.Equal(before.Sequence + Count, test.Store.Newest.Sequence);
        await test.Store.DialectBuild.AddAsync(Second, Token);
        await CompleteAsync(test, Second);
        AssertHolds(test, First, Count);
        AssertHolds(test, Second, Count);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => building);
    }

    [Fact]
    public async Task What_was_worked_out_for_other_dialects_is_a_conflict()
    {
        await using TestStore test = TestStore.Open();
        PreparedChange early = test.Prepare(Certificates(1)[0])!;
        await test.Store.DialectBuild.AddAsync(First, Token);
        Assert.Equal(CommitResult.Conflict, await test.Store.CommitAsync(early, Token));
        Assert.True(await test.SubmitAsync(Certificates(1)[0], Token));
    }

    [Fact]
    public async Task Build_that_was_cut_off_is_begun_again()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync(Certificates(Count));
        await test.Store.DialectBuild.AddAsync(First, Token);
        await test.SubmitAllAsync(Certificates(Count / 2, isRevoked: true));

        // Nobody asks for it any more: it is not shown, and what has its digest does no harm.
        await test.ReopenAsync();
        Assert.Empty(test.Store.Dialects);
        AssertNotShown(test, First);
        test.AssertSound();
        await RunUntilCompleteAsync(test, First);
        AssertHolds(test, First, Count);
    }

    [Fact]
    public async Task Dropped_dialect_is_not_shown_and_can_be_brought_in_again()
    {
        await using TestStore test = TestStore.Open();
        await RunUntilCompleteAsync(test, First);
        await test.SubmitAllAsync(Certificates(Count));
        await test.Store.DialectBuild.DropAsync(First, Token);
        Assert.Empty(test.Store.Dialects);
        AssertNotShown(test, First);
        await test.SubmitAllAsync(Certificates(Count / 2, isRevoked: true));
        test.AssertSound();

        await test.ReopenAsync();
        AssertNotShown(test, First);
        await RunUntilCompleteAsync(test, First);
        AssertHolds(test, First, Count);
    }

    [Fact]
    public async Task Removed_certificate_is_removed_from_the_dialect()
    {
        await using TestStore test = TestStore.Open(static options => options with { Dialects = [First] });
        List<Certificate> certificates = Certificates(10);
        await test.SubmitAllAsync(certificates);
        PreparedChange removal = PreparedChange.CreateRemoval(test.Find(certificates[3].Identity)!, ChangeSource.Restriction);
        await test.Store.CommitAsync(new RestrictionChange([], [removal], Erases: false), Token);
        AssertHolds(test, First, 9);
    }

    [Fact]
    public async Task Bulk_load_writes_what_the_write_path_does()
    {
        await using TestStore online = TestStore.Open(static options => options with { Dialects = [First] });
        await online.SubmitAllAsync(Certificates(Count));
        await using TestStore loaded = TestStore.Open();
        await loaded.WhileClosedAsync(folder =>
        {
            Directory.Delete(folder, recursive: true);
            Load(folder, [First], Certificates(Count));
        });
        AssertHolds(loaded, First, Count);
        foreach (Family family in (Family[])[Family.SksDigests, Family.Tree])
            Assert.Equal(Rows(online, family), Rows(loaded, family));

        // Into what is there, without being told.
        await loaded.WhileClosedAsync(static folder => Load(folder, [], Certificates(Count, isRevoked: true)));
        Assert.Equal([First], loaded.Store.Dialects);
        AssertHolds(loaded, First, Count);
    }

    [Fact]
    public async Task Load_does_not_make_a_dialect_complete_that_older_certificates_lack()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync(Certificates(Count));
        await test.WhileClosedAsync(static folder => Load(folder, [First], Certificates(Count / 2, isRevoked: true)));
        AssertNotShown(test, First);
        test.AssertSound();
        await RunUntilCompleteAsync(test, First);
        AssertHolds(test, First, Count);
    }

    [Theory]
    [InlineData("sks-digests")]
    [InlineData("tree")]
    public async Task Missing_row_is_found_and_repaired(string name)
    {
        Family family = FamilyNames.All.Single(known => known.Name == name).Family;
        await using TestStore test = TestStore.Open(static options => options with { Dialects = [First] });
        await test.SubmitAllAsync(Certificates(2 * Count)); // more than one node
        await test.WhileClosedAsync(folder => RawStore.Edit(folder, (batch, database) =>
        {
            using Iterator iterator = database.Rocks.NewIterator(database[family]);
            iterator.Seek([First.Profile]);
            Assert.Equal(First.Profile, iterator.GetKeySpan()[0]);
            if (family == Family.Tree)
                iterator.Next(); // not the root, which a start would miss
            batch.Delete(iterator.Key(), database[family]);
        }));
        Assert.NotEmpty(test.Store.Check(null, Token).Differences);
        await test.Store.RepairAsync(Token);
        AssertHolds(test, First, 2 * Count);
    }

    [Fact]
    public async Task Digests_of_other_rules_are_worked_out_again()
    {
        await using TestStore test = TestStore.Open(static options => options with { Dialects = [First] });
        await test.SubmitAllAsync(Certificates(Count));
        await test.WhileClosedAsync(static folder => RawStore.Edit(folder, static (batch, database) =>
        {
            batch.Put(DialectCoverage.RowKey, (byte[])[First.Profile, 0], database[Family.Meta]);
            using Iterator iterator = database.Rocks.NewIterator(database[Family.Certificates]);
            for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
            {
                byte[] record = iterator.Value();
                record[^(2 + SksDigest.Length)] = 0; // the rules of the only digest
                batch.Put(iterator.Key(), record, database[Family.Certificates]);
            }
        }));
        AssertNotShown(test, First);
        await RunUntilCompleteAsync(test, First);
        AssertHolds(test, First, Count);
    }

    private static List<Certificate> Certificates(int count, bool isRevoked = false) =>
    [
        .. Enumerable.Range(1, count).Select(seed => SignedCertificate.Ordinary(seed))
            .Select(certificate => (isRevoked ? certificate.RevokeKey(0) : certificate).BuildCertificate()),
    ];

    private static void Load(string folder, IReadOnlyList<Dialect> dialects, List<Certificate> certificates)
    {
        using BulkLoader loader = BulkLoader.Open(new StoreOptions { Folder = folder, Dialects = dialects }, Merging.Unite);
        loader.Load(certificates);
        loader.Finish();
    }

    private static async Task RunUntilCompleteAsync(TestStore test, Dialect dialect)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task building = test.Store.DialectBuild.RunAsync(stop.Token);
        await test.Store.DialectBuild.AddAsync(dialect, Token);
        await CompleteAsync(test, dialect);
        await stop.CancelAsync();
        await building.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task CompleteAsync(TestStore test, Dialect dialect)
    {
        while (!test.Store.DialectBuild.Complete.Contains(dialect))
            await Task.Delay(10, Token);
    }

    // What the records say, what their packets call for, and the tree, are the same.
    private static void AssertHolds(TestStore test, Dialect dialect, int count)
    {
        test.AssertSound();
        using StoreSnapshot snapshot = test.Store.TakeSnapshot();
        SksDigest[] digests = [.. snapshot.ReadAll().Select(stored => stored.ReadView(dialect)?.Digest).OfType<SksDigest>().OrderBy(static digest => digest.Value)];
        Assert.Equal(count, digests.Length);
        Assert.Equal(digests.Select(static digest => new Element(digest.Value)), snapshot.OpenTree(dialect)!.ReadElements(Prefix.Root));
        Assert.All(digests, digest => Assert.Equal(digest, snapshot.Find(dialect, digest)!.DigestOf(dialect)));
    }

    private static void AssertNotShown(TestStore test, Dialect dialect)
    {
        using StoreSnapshot snapshot = test.Store.TakeSnapshot();
        Assert.Null(snapshot.OpenTree(dialect));
        Assert.DoesNotContain(dialect, test.Store.DialectBuild.Complete);
    }

    private static List<(string Key, string Value)> Rows(TestStore test, Family family)
    {
        using StoreSnapshot snapshot = test.Store.TakeSnapshot();
        using Iterator iterator = snapshot.NewIterator(family);
        List<(string Key, string Value)> rows = [];
        for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
            rows.Add((Convert.ToHexString(iterator.GetKeySpan()), Convert.ToHexString(iterator.GetValueSpan())));
        return rows;
    }
}
