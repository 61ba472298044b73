using Sks.OpenPgp;
using Sks.TestSupport;

namespace Sks.Storage.Tests;

public class ViewMigrationTests
{
    private const int Count = 40;

    private static readonly CleanViewPolicy First = CleanViewPolicy.Current;
    private static readonly CleanViewPolicy Second = First with { Version = 2, MaxSelfSignatures = 2 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task New_policy_is_served_when_every_certificate_has_its_view()
    {
        await using Migrating test = await Migrating.OpenAsync();
        ChangeCursor newest = test.Store.Newest;
        ViewMigration migration = await test.ReopenAsync(First, Second);
        Assert.False(migration.IsDone);
        Assert.Equal(new ViewMigrationProgress(0, Count), migration.Progress);
        Assert.Equal(1, test.Store.ServedPolicy);
        test.AssertHolds(1);
        test.AssertSound();

        await migration.RunAsync(Token);
        Assert.True(migration.IsDone);
        Assert.Equal(new ViewMigrationProgress(Count, Count), migration.Progress);
        Assert.Equal(2, test.Store.ServedPolicy);
        test.AssertHolds(1, 2);
        test.AssertSound();

        // Nobody who follows the log sees anything of it.
        Assert.Equal(newest, test.Store.Newest);
        await migration.RunAsync(Token);
        migration = await test.ReopenAsync(First, Second);
        Assert.Equal(default, migration.Progress);
        Assert.True(migration.IsDone);
        Assert.Equal(2, test.Store.ServedPolicy);
        Assert.Equal(newest, test.Store.Newest);
    }

    [Fact]
    public async Task Migration_that_is_cut_off_goes_on_from_there()
    {
        await using Migrating test = await Migrating.OpenAsync();
        ViewMigration migration = await test.ReopenAsync(First, Second);
        migration.MaxStepRows = 7;
        for (int step = 1; step <= 5; step++)
        {
            await migration.StepAsync(Token);
            migration = await test.CrashAsync();
            migration.MaxStepRows = 7;
            Assert.Equal(new ViewMigrationProgress(7 * step, Count), migration.Progress);
            Assert.Equal(1, test.Store.ServedPolicy);
            Assert.Equal(7 * step, test.ReadAll().Count(static stored => stored.HasCleanView(2)));
            test.AssertSound();
        }

        await migration.RunAsync(Token);
        Assert.Equal(2, test.Store.ServedPolicy);
        test.AssertHolds(1, 2);
        await test.CrashAsync();
        Assert.True(test.Store.ViewMigration.IsDone);
        test.AssertHolds(1, 2);
        test.AssertSound();
    }

    [Fact]
    public async Task Cancelled_migration_goes_on_when_it_is_run_again()
    {
        await using Migrating test = await Migrating.OpenAsync();
        ViewMigration migration = await test.ReopenAsync(First, Second);
        await migration.StepAsync(Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => migration.RunAsync(new CancellationToken(canceled: true)));
        Assert.False(migration.IsDone);
        await migration.RunAsync(Token);
        test.AssertHolds(1, 2);
    }

    [Fact]
    public async Task Submissions_go_on_during_a_migration()
    {
        await using Migrating test = await Migrating.OpenAsync();
        ulong before = test.Store.Newest.Sequence;
        ViewMigration migration = await test.ReopenAsync(First, Second);
        migration.MaxStepRows = 3;
        Certificate[] submitted = [.. Enumerable.Range(Count / 2, Count).Select(static seed => Rich(seed, 7, 8))];
        await Task.WhenAll(
            Task.Run(() => migration.RunAsync(Token), Token),
            test.Inner.SubmitAllAsync(submitted));
        Assert.Equal(2, test.Store.ServedPolicy);
        test.Model(submitted);
        test.AssertHolds(1, 2);
        test.AssertSound();
        IReadOnlyList<Change> changes = test.Store.ReadChanges(before);
        Assert.Equal(submitted.Select(static c => c.Identity).ToHashSet(), changes.Select(static change => change.Identity).ToHashSet());
        Assert.Equal(submitted.Length, changes.Count);
        Assert.All(changes, static change => Assert.Contains(change.PolicyVersion, new[] { 1, 2 }));
    }

    [Fact]
    public async Task Change_worked_out_before_a_view_was_added_is_a_conflict()
    {
        await using Migrating test = await Migrating.OpenAsync();
        ViewMigration migration = await test.ReopenAsync(First, Second);
        PreparedChange change = test.Inner.Prepare(Rich(1, 9))!;
        await migration.RunAsync(Token);
        Assert.Equal(CommitResult.Conflict, await test.Store.CommitAsync(change, Token));
    }

    [Fact]
    public async Task Views_of_a_policy_that_is_given_up_go_with_the_next_change()
    {
        await using Migrating test = await Migrating.OpenAsync();
        await (await test.ReopenAsync(First, Second)).RunAsync(Token);
        await test.ReopenAsync(Second);
        Assert.True(test.Store.ViewMigration.IsDone);
        test.AssertHolds(1, 2);
        test.AssertSound();

        Certificate changed = Rich(1, 9);
        await test.Inner.SubmitAsync(changed, Token);
        Assert.False(test.Inner.Find(changed.Identity)!.HasCleanView(1));
        test.AssertSound();

        // Whoever wants them back gets them all.
        ViewMigration migration = await test.ReopenAsync(First, Second);
        Assert.False(migration.IsDone);
        await migration.RunAsync(Token);
        test.Model(changed);
        test.AssertHolds(1, 2);
        test.AssertSound();
    }

    [Fact]
    public async Task Policy_that_is_not_maintained_is_not_served()
    {
        await using Migrating test = await Migrating.OpenAsync();
        ViewMigration migration = await test.ReopenAsync(Second);
        Assert.Equal(2, test.Store.ServedPolicy);
        Assert.All(test.ReadAll(), static stored => Assert.Null(stored.CleanView(2)));
        await migration.RunAsync(Token);
        test.AssertHolds(2);
        Assert.All(test.ReadAll(), static stored => Assert.False(stored.HasCleanView(1)));

        // Those views appear one by one before everyone's eyes, so the log tells.
        Assert.Equal(Count, test.Store.ReadChanges(Count).Count(static change =>
            change is { Source: ChangeSource.Upgrade, PolicyVersion: 2, OldContent: null, NewContent: not null }
            && change.OldDigest == change.NewDigest));
        test.AssertSound();
    }

    [Fact]
    public async Task Verdicts_found_by_other_rules_are_found_anew()
    {
        await using Migrating test = await Migrating.OpenAsync();
        await test.Inner.WhileClosedAsync(static folder => RawStore.Edit(folder, static (batch, database) =>
        {
            batch.Put("views"u8, [0, 0, 0, 0, 1], database[Family.Meta]);
            foreach ((byte[] key, byte[] record) in RawStore.Read(database, Family.Certificates))
            {
                record[10] = 0;
                batch.Put(key, record, database[Family.Certificates]);
            }
        }));
        test.AssertSound();
        Assert.False(test.Store.ViewMigration.IsDone);
        await test.Store.ViewMigration.RunAsync(Token);
        Assert.All(test.ReadAll(), static stored => Assert.Contains(PacketVerdict.Proven, stored.ReadFullView()!.Verdicts.ToArray()));
        Assert.Equal((ulong)Count, test.Store.Newest.Sequence);
        test.AssertSound();
    }

    [Fact]
    public async Task Store_of_format_1_gets_its_views()
    {
        Certificate junk = new CertificateBuilder(500)
            .UserId("junk <junk@example.org>").JunkSignature(SignatureType.PositiveCertification).BuildCertificate();
        Certificate[] proven = [.. Enumerable.Range(1, Count).Select(static seed => Rich(seed, 1, 2, 3))];
        await using TestStore test = TestStore.Open();
        await test.WhileClosedAsync(folder => FirstLayout.Fill(folder, [.. proven, junk]));
        Assert.Equal(Count + 1, test.Store.Count);
        Assert.Equal(1, test.Store.ServedPolicy);
        Assert.Null(test.Find(proven[0].Identity)!.CleanView(1));
        Assert.Equal(proven[0].ToArray(), test.Find(proven[0].Identity)!.FullView!.Value.ToArray());
        Assert.Equal([junk.Identity], FindIdentity("junk@example.org"));
        test.AssertSound();

        // What is submitted meanwhile has its views at once; what crashes goes on.
        await test.SubmitAsync(Rich(1, 4), Token);
        Assert.NotNull(test.Find(proven[0].Identity)!.CleanView(1));
        test.AssertSound();
        test.Store.ViewMigration.MaxStepRows = 9;
        await test.Store.ViewMigration.StepAsync(Token);
        await test.ReopenAsync();
        test.AssertSound();
        Assert.Equal(9, test.Store.ViewMigration.Progress.Done);

        await test.Store.ViewMigration.RunAsync(Token);
        test.AssertSound();
        foreach (Certificate certificate in proven.Skip(1))
        {
            CleanView expected = Merging.ViewsOf(certificate).Clean[0];
            StoredCertificate stored = test.Find(certificate.Identity)!;
            Assert.Equal(expected.Digest, stored.ContentDigest(1));
            Assert.Equal(expected.Certificate!.ToArray(), stored.CleanView(1)!.Value.ToArray());
            Assert.Equal(certificate.ToArray(), stored.FullView!.Value.ToArray());
        }

        Assert.True(test.Find(junk.Identity)!.HasCleanView(1));
        Assert.Null(test.Find(junk.Identity)!.CleanView(1));
        Assert.Empty(FindIdentity("junk@example.org"));
        Assert.Equal(Count, FindIdentity("p1@example.org").Count);
        Assert.Equal(Count, test.Store.ReadChanges(Count + 1).Count);
        Assert.Equal([1], test.Store.ReadHistory().Select(static hour => (int)(hour.Added + hour.Updated)));

        IReadOnlyList<CertificateIdentity> FindIdentity(string address)
        {
            using StoreLease lease = test.Store.TakeLease();
            return lease.Reader.FindIdentity(address, 1000);
        }
    }

    [Fact]
    public async Task Bulk_load_into_a_store_of_format_1_is_sound()
    {
        await using TestStore test = TestStore.Open();
        await test.WhileClosedAsync(static folder =>
        {
            FirstLayout.Fill(folder, [.. Enumerable.Range(1, 20).Select(static seed => Rich(seed, 1))]);
            Certificate[] loaded =
            [
                .. Enumerable.Range(5, 15).Select(static seed => Rich(seed, 2)),
                .. Enumerable.Range(20, 6).Select(static seed => Rich(seed, 1)),
            ];
            Assert.Equal(new BulkCounts(5, 16, 0, 0), BulkLoads.Load(folder, loaded));
        });
        test.AssertSound();
        Assert.False(test.Store.ViewMigration.IsDone);
        await test.Store.ViewMigration.RunAsync(Token);
        test.AssertSound();
        using StoreSnapshot snapshot = test.Store.TakeSnapshot();
        Assert.All(snapshot.ReadAll(), static stored => Assert.NotNull(stored.CleanView(1)));
    }

    [Fact]
    public async Task Repair_in_the_middle_of_a_migration_finishes_it()
    {
        await using Migrating test = await Migrating.OpenAsync();
        ViewMigration migration = await test.ReopenAsync(First, Second);
        migration.MaxStepRows = 5;
        await migration.StepAsync(Token);
        await test.Store.RepairAsync(Token);
        test.AssertHolds(1, 2);
        Assert.Equal(2, test.Store.ServedPolicy);
        test.AssertSound();
        await migration.RunAsync(Token);
        Assert.True(migration.IsDone);
        await test.ReopenAsync(First, Second);
        Assert.True(test.Store.ViewMigration.IsDone);
        test.AssertSound();
    }

    [Fact]
    public async Task Certificates_are_found_by_the_digests_of_both_policies()
    {
        await using Migrating test = await Migrating.OpenAsync();
        await (await test.ReopenAsync(First, Second)).RunAsync(Token);
        StoredCertificate stored = test.ReadAll()[3];
        using StoreLease lease = test.Store.TakeLease();
        Assert.NotEqual(stored.ContentDigest(1), stored.ContentDigest(2));
        Assert.Equal(stored.Identity, lease.Reader.Find(stored.ContentDigest(1)!.Value, 1)!.Identity);
        Assert.Equal(stored.Identity, lease.Reader.Find(stored.ContentDigest(2)!.Value, 2)!.Identity);
        Assert.Null(lease.Reader.Find(stored.ContentDigest(1)!.Value, 2));
    }

    [Fact]
    public async Task Killed_again_and_again_a_migration_comes_to_its_end()
    {
        await using Migrating test = await Migrating.OpenAsync();
        await test.Store.DisposeAsync();
        long done = 0;
        for (int round = 1; round <= 5; round++)
        {
            await using (RunningProcess child = CrashChild.Start("migrate", test.Inner.Folder, 10_000 * round))
            {
                // Wherever it happens to be after some steps.
                if (round < 5)
                    await Eventually.IsTrueAsync(() => child.Output.Count > 3 || child.Output.Any(static line => line.Contains("migrated", StringComparison.Ordinal)), "some steps are done", cancellationToken: Token);
                else
                    await child.WaitForLineAsync("migrated", cancellationToken: Token);
                await child.KillAsync(Token);
            }

            ViewMigration migration = await test.ReopenAsync(First, Second);
            Assert.True(migration.IsDone || migration.Progress.Done >= done + 2);
            Assert.Equal(migration.IsDone ? 2 : 1, test.Store.ServedPolicy);
            done = migration.Progress.Done;
            test.AssertSound();
            await test.Store.DisposeAsync();
        }

        await test.ReopenAsync(First, Second);
        Assert.All(test.ReadAll(), static stored => Assert.True(stored.CleanView(1) is not null && stored.CleanView(2) is not null));
    }

    // User IDs with four self-signatures each: the second policy keeps two of them.
    private static Certificate Rich(int seed, params int[] parts)
    {
        var builder = new CertificateBuilder(seed);
        foreach (int part in parts)
        {
            builder.UserId($"part {part} of {seed} <p{part}@example.org>");
            for (int i = 0; i < 4; i++)
                builder.Signature(SignatureType.PositiveCertification, (10 * part) + i);
        }

        return builder.BuildCertificate();
    }

    /// <summary>A store with some certificates under the first policy, that can be opened with others.</summary>
    private sealed class Migrating : IAsyncDisposable
    {
        private readonly Dictionary<CertificateIdentity, Certificate> _model = [];
        private readonly TemporaryFolder _copies = new();
        private IReadOnlyList<CleanViewPolicy> _policies = [First];
        private int _copy;

        private Migrating() => Inner = TestStore.Open(options => options with { Policies = _policies });

        public TestStore Inner { get; }

        public CertificateStore Store => Inner.Store;

        public static async Task<Migrating> OpenAsync()
        {
            var test = new Migrating();
            Certificate[] certificates = [.. Enumerable.Range(1, Count).Select(static seed => Rich(seed, 1, 2))];
            await test.Inner.SubmitAllAsync(certificates);
            test.Model(certificates);
            return test;
        }

        public void Model(params Certificate[] submitted)
        {
            foreach (Certificate certificate in submitted)
            {
                _model[certificate.Identity] = _model.TryGetValue(certificate.Identity, out Certificate? known)
                    ? CertificateMerger.Merge(known, certificate)
                    : certificate;
            }
        }

        public async Task<ViewMigration> ReopenAsync(params CleanViewPolicy[] policies)
        {
            _policies = policies;
            await Inner.ReopenAsync();
            return Store.ViewMigration;
        }

        /// <summary>Goes on with what a crash at this moment would leave.</summary>
        public async Task<ViewMigration> CrashAsync()
        {
            string target = _copies.Combine($"{++_copy}");
            CrashCopy.Take(Inner.Folder, target);
            await Store.DisposeAsync();
            Inner.Folder = target;
            await Inner.ReopenAsync();
            return Store.ViewMigration;
        }

        public List<StoredCertificate> ReadAll()
        {
            using StoreSnapshot snapshot = Store.TakeSnapshot();
            return [.. snapshot.ReadAll()];
        }

        public void AssertSound() => Inner.AssertSound();

        /// <summary>All certificates are there, with views under these policies.</summary>
        public void AssertHolds(params int[] policies)
        {
            List<StoredCertificate> all = ReadAll();
            Assert.Equal(_model.Keys.ToHashSet(), all.Select(static stored => stored.Identity).ToHashSet());
            foreach (StoredCertificate stored in all)
            {
                CertificateViews expected = Merging.Unite(null, _model[stored.Identity], [First, Second])!;
                Assert.Equal(expected.Full!.Digest, stored.SksDigest);
                foreach (int policy in policies)
                    Assert.Equal(expected.Clean[policy - 1].Certificate!.ToArray(), stored.CleanView(policy)!.Value.ToArray());
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Inner.DisposeAsync();
            _copies.Dispose();
        }
    }
}
