using CsCheck;
using RocksDbSharp;
using Sks.Reconciliation;

namespace Sks.Storage.Tests;

/// <summary>The partition tree follows the digests, whatever happens to them.</summary>
public class StoredTreeTests
{
    private static readonly byte[] Origin = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Rounds of new versions of some certificates and of removals, each round handed in at once.
    private static Gen<List<(List<(int Seed, int Part)> Versions, List<int> Removed)>> Rounds { get; } = Gen.Select(
        Gen.Select(Gen.Int[1, 60], Gen.Int[0, 5]).List[0, 40], Gen.Int[1, 60].List[0, 15]).List[1, 8];

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(512)]
    public async Task Every_node_is_what_the_digests_call_for_after_every_round(int groupSize) => await Rounds.SampleAsync(
        async rounds =>
        {
            await using TestStore test = TestStore.Open(options => options with { MaxGroupSize = groupSize, TreeShape = TreeNodes.High });
            ulong sequence = 0;
            foreach ((List<(int Seed, int Part)> versions, List<int> removed) in rounds)
            {
                await test.SubmitAllAsync(versions.Select(static version => TestStore.Version(version.Seed, version.Part)));
                TreeNodes.AssertSound(test.Store, TreeNodes.High);
                PreparedChange[] removals =
                [
                    .. removed.Distinct().Select(seed => test.Find(TestStore.Version(seed).Identity)).OfType<StoredCertificate>()
                        .Select(static stored => PreparedChange.CreateRemoval(stored, ChangeSource.Restriction)),
                ];
                await test.Store.CommitAsync(Restriction(++sequence, removals), Token);
                TreeNodes.AssertSound(test.Store, TreeNodes.High);
            }

            await test.ReopenAsync();
            test.AssertSound();
        },
        iter: 6,
        threads: 1);

    [Fact]
    public async Task Removed_certificate_leaves_the_tree()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync(Enumerable.Range(1, 60).Select(TestStore.Certificate));
        PreparedChange removal = PreparedChange.CreateRemoval(test.Find(TestStore.Certificate(3).Identity)!, ChangeSource.Restriction);
        await test.Store.CommitAsync(Restriction(1, removal), Token);

        using StoreSnapshot snapshot = test.Store.TakeSnapshot();
        Element removed = TreeNodes.ElementOf(TestStore.Certificate(3).Digest);
        Assert.Equal(59, snapshot.OpenTree()!.Read(Prefix.Root).Count);
        Assert.DoesNotContain(removed, snapshot.OpenTree()!.ReadElements(Prefix.Root));
        TreeNodes.AssertSound(test.Store, TreeShape.Default);
    }

    [Fact]
    public async Task Digest_that_two_certificates_share_is_in_the_tree_as_long_as_its_row_is()
    {
        await using TestStore test = TestStore.Open();
        PreparedChange first = test.Prepare(TestStore.Certificate(1))!;
        PreparedChange second = test.Prepare(TestStore.Certificate(2))!;
        int row = second.Puts.FindIndex(static put => put.Family == Family.SksDigests);
        second.Puts[row] = second.Puts[row] with { Key = KeyCodec.Digest(TestStore.Certificate(1).Digest) };
        await Task.WhenAll(test.Store.CommitAsync(first, Token), test.Store.CommitAsync(second, Token));
        AssertFollowsRows(1);

        PreparedChange removal = PreparedChange.CreateRemoval(test.Find(TestStore.Certificate(1).Identity)!, ChangeSource.Restriction);
        await test.Store.CommitAsync(Restriction(1, removal), Token);
        AssertFollowsRows(0);

        void AssertFollowsRows(int count)
        {
            using StoreSnapshot snapshot = test.Store.TakeSnapshot();
            Assert.Equal(count, snapshot.CountRows(Family.SksDigests, Token));
            Assert.Equal(count, snapshot.OpenTree()!.Read(Prefix.Root).Count);
            Assert.DoesNotContain(test.Store.Check(null, Token).Differences, static difference => difference.StartsWith("tree", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Certificate_that_SKS_cannot_hold_is_not_in_the_tree()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync([TestStore.Version6(1), TestStore.Certificate(2)]);
        using StoreSnapshot snapshot = test.Store.TakeSnapshot();
        Assert.Equal([TreeNodes.ElementOf(TestStore.Certificate(2).Digest)], snapshot.OpenTree()!.Read(Prefix.Root).Elements!);
        Assert.Equal(2, test.Store.Count);
    }

    [Fact]
    public async Task Tree_of_a_snapshot_stays_while_the_store_goes_on()
    {
        await using TestStore test = TestStore.Open(static options => options with { TreeShape = TreeNodes.High });
        await test.SubmitAllAsync(Enumerable.Range(1, 50).Select(TestStore.Certificate));
        using StoreSnapshot snapshot = test.Store.TakeSnapshot();
        IPartitionTree tree = snapshot.OpenTree()!;
        Element[] before = [.. tree.ReadElements(Prefix.Root)];
        Task submitting = test.SubmitAllAsync(Enumerable.Range(51, 50).Select(TestStore.Certificate));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Assert.Equal(before, tree.ReadElements(Prefix.Root)), Token)));
        await submitting;
        Assert.Equal(before, tree.ReadElements(Prefix.Root));
        Assert.Equal(50, tree.Read(Prefix.Root).Count);
        using StoreSnapshot newer = test.Store.TakeSnapshot();
        Assert.Equal(100, newer.OpenTree()!.Read(Prefix.Root).Count);
    }

    [Fact]
    public async Task Other_shape_means_another_tree()
    {
        TreeShape shape = TreeShape.Default;
        await using TestStore test = TestStore.Open(options => options with { TreeShape = shape });
        await test.SubmitAllAsync(Enumerable.Range(1, 100).Select(TestStore.Certificate));
        ChangeCursor newest = test.Store.Newest;
        foreach (TreeShape next in (TreeShape[])[new(Mbar: 3), new(BitQuantum: 3), TreeNodes.High, TreeShape.Default])
        {
            shape = next;
            await test.ReopenAsync();
            TreeNodes.AssertSound(test.Store, next);
            test.AssertSound();
        }

        Assert.Equal(newest, test.Store.Newest);
    }

    public static TheoryData<string> Beginnings => [.. BeginningByName.Keys];

    // What a start can find.
    private static Dictionary<string, Action<WriteBatch, Database>> BeginningByName { get; } = new()
    {
        ["format 2"] = static (batch, database) =>
        {
            batch.Put("format"u8, [0, 0, 0, 2], database[Family.Meta]);
            TreeSummary.Delete(batch, database, KeyCodec.SksProfile);
            batch.DeleteRange([], 0, [255], 1, database[Family.Tree]);
        },
        ["building cut off"] = static (batch, database) =>
        {
            TreeSummary.Delete(batch, database, KeyCodec.SksProfile);
            batch.Delete(KeyCodec.TreeNode(Prefix.Root), database[Family.Tree]);
            batch.Put(KeyCodec.TreeNode(new Prefix(0, 100)), (byte[])[1], database[Family.Tree]);
        },
        ["root lost"] = static (batch, database) => batch.Delete(KeyCodec.TreeNode(Prefix.Root), database[Family.Tree]),
        ["root damaged"] = static (batch, database) => batch.Put(KeyCodec.TreeNode(Prefix.Root), (byte[])[1, 2, 3], database[Family.Tree]),
        ["root of another set"] = static (batch, database) => batch.Put(
            KeyCodec.TreeNode(Prefix.Root),
            NodeCodec.Encode(MemoryNodeStore.Build([new Element(12345)], TreeShape.Default).Find(Prefix.Root)!),
            database[Family.Tree]),
        ["wrong counter"] = static (batch, database) => new TreeSummary(TreeShape.Default, 7).Write(batch, database, KeyCodec.SksProfile),
        ["tree lost"] = static (batch, database) => batch.DeleteRange([], 0, [255], 1, database[Family.Tree]),
    };

    [Theory]
    [MemberData(nameof(Beginnings))]
    public async Task Tree_that_is_not_as_it_must_be_is_built_at_the_start(string beginning)
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync(Enumerable.Range(1, 120).Select(TestStore.Certificate));
        ChangeCursor newest = test.Store.Newest;
        await test.WhileClosedAsync(folder => RawStore.Edit(folder, BeginningByName[beginning]));
        TreeNodes.AssertSound(test.Store, TreeShape.Default);
        test.AssertSound();
        Assert.Equal(newest, test.Store.Newest);
        await test.WhileClosedAsync(static folder => Assert.Contains(
            RawStore.Read(folder, Family.Meta), static row => row.Key.AsSpan().SequenceEqual("format"u8) && row.Value.AsSpan().SequenceEqual((byte[])[0, 0, 0, 4])));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tree_is_not_shown_while_it_is_built(bool isRepair)
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync(Enumerable.Range(1, 60).Select(TestStore.Certificate));
        await test.Store.DisposeAsync();
        using Database database = Database.Open(Path.Combine(test.Folder, CertificateStore.DatabaseFolder));
        using (var batch = new WriteBatch())
        {
            if (isRepair)
                StoreState.MarkBulk(batch, database, unfinished: true);
            else
                TreeSummary.Delete(batch, database, KeyCodec.SksProfile);
            database.WriteSynced(batch);
        }

        using var snapshot = StoreSnapshot.Take(database, new LeaseCounter().Take(new StoreReader(database, new ReadOptions())));
        Assert.Null(snapshot.OpenTree());
    }

    [Fact]
    public async Task Refused_group_leaves_nothing_in_the_tree()
    {
        // Nothing is written while the disk is said to be full; restrictions are, and what was refused must not come with them.
        long minFree = 0;
        await using TestStore test = TestStore.Open(options => options with { MinFreeDiskBytes = minFree, TreeShape = TreeNodes.High });
        await test.SubmitAllAsync(Enumerable.Range(1, 20).Select(TestStore.Certificate));
        minFree = long.MaxValue;
        await test.ReopenAsync();
        await Assert.ThrowsAsync<StorageException>(() => test.SubmitAsync(TestStore.Certificate(21), Token));
        PreparedChange removal = PreparedChange.CreateRemoval(test.Find(TestStore.Certificate(3).Identity)!, ChangeSource.Restriction);
        Assert.Equal(CommitResult.Committed, await test.Store.CommitAsync(Restriction(1, removal), Token));
        TreeNodes.AssertSound(test.Store, TreeNodes.High);
        Assert.Equal(19, test.Store.Count);
    }

    [Fact]
    public async Task Writer_forgets_what_a_repair_puts_right()
    {
        await using TestStore test = TestStore.Open(static options => options with { TreeShape = TreeNodes.High });
        await test.SubmitAllAsync(Enumerable.Range(1, 20).Select(TestStore.Certificate));
        await test.WhileClosedAsync(static folder => RawStore.Edit(folder, static (batch, database) =>
        {
            byte[] root = database.Rocks.Get(KeyCodec.TreeNode(Prefix.Root), database[Family.Tree]);
            root[8] ^= 1;
            batch.Put(KeyCodec.TreeNode(Prefix.Root), root, database[Family.Tree]);
        }));
        await test.SubmitAsync(TestStore.Certificate(21), Token);
        Assert.Contains("tree: the node at '' is wrong", test.Store.Check(null, Token).Differences);

        await test.Store.RepairAsync(Token);
        await test.SubmitAsync(TestStore.Certificate(22), Token);
        TreeNodes.AssertSound(test.Store, TreeNodes.High);
    }

    private static RestrictionChange Restriction(ulong sequence, params PreparedChange[] changes) =>
        new([new RestrictionRow(Origin, sequence, "record"u8.ToArray(), "note"u8.ToArray())], changes, Erases: false);
}
