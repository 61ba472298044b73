using RocksDbSharp;
using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.Storage;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.Node.Tests;

public class RestrictionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static SignedCertificate Ordinary => SignedCertificates.Ordinary(1);

    private static Fingerprint Fingerprint => Ordinary.Primary.Fingerprint;

    private static RestrictionSubject.Certificate Subject => new(Fingerprint);

    private static SignedCertificate Revoked => SignedCertificates.Begin(1).RevokeKey().UserId("Number 1 <number.1@example.org>").Certify();

    [Fact]
    public async Task Blocked_certificate_is_gone_and_stays_away()
    {
        await using TestNode test = TestNode.Open();
        await test.SubmitSignedAsync(Ordinary, SignedCertificates.Ordinary(2));
        ChangeCursor before = test.Node.Changes.Current;
        RestrictionResult result = await IssueAsync(test, RestrictionKind.Block, Subject);

        Assert.Equal((RestrictionStatus.Done, 1L, 0L, null), (result.Status, result.Removed, result.Rewritten, result.Purge));
        AssertGone(test);
        Change change = await test.Node.Changes.ReadAsync(before, Token).FirstAsync(Token);
        Assert.Equal((Ordinary.Primary.Fingerprint, null), (change.Identity.Fingerprint, change.NewDigest));
        await AssertRefusedAsync(test, Ordinary);
        await test.AssertSoundAsync();

        await test.WhileClosedAsync(() => Task.CompletedTask);
        AssertGone(test);
        await AssertRefusedAsync(test, Ordinary);
        await test.WhileClosedAsync(() => ImportOfflineAsync(test, Ordinary, RejectionReason.Restricted));
        AssertGone(test);

        Assert.Equal(RestrictionStatus.Done, (await IssueAsync(test, RestrictionKind.Retract, Subject)).Status);
        Assert.Equal([SubmissionResult.Added], await test.SubmitSignedAsync(Ordinary));
        Assert.Equal(RestrictionStatus.NotRestricted, (await IssueAsync(test, RestrictionKind.Retract, Subject)).Status);
        await test.AssertSoundAsync();
    }

    [Fact]
    public async Task Log_keeps_who_did_what_when_and_why()
    {
        await using TestNode test = TestNode.Open();
        await test.Node.Restrictions.IssueAsync(RestrictionKind.Block, Subject, "anna", "order 17", Token);
        test.Time.Advance(TimeSpan.FromDays(400));
        await test.WhileClosedAsync(() => Task.CompletedTask);
        await test.Node.Restrictions.IssueAsync(RestrictionKind.Retract, Subject, "bert", "order 18", Token);

        Assert.Empty(test.Node.Restrictions.ReadInForce());
        IReadOnlyList<RestrictionEntry> all = test.Node.Restrictions.ReadAll();
        Assert.Equal(
            [("anna", "order 17", RestrictionKind.Block), ("bert", "order 18", RestrictionKind.Retract)],
            all.Select(static entry => (entry.Note.Author, entry.Note.Reason, entry.Record.Kind)));
        Assert.Equal(TimeSpan.FromDays(400), all[1].Record.Time - all[0].Record.Time);
        Assert.All(all, entry => Assert.True(entry.Record.IsSigned() && entry.Record.Origin == test.Node.Restrictions.Origin));
    }

    [Fact]
    public async Task Erased_certificate_leaves_room_for_its_revocation_only()
    {
        await using TestNode test = TestNode.Open();
        await test.SubmitSignedAsync(Ordinary);
        RestrictionResult result = await IssueAsync(test, RestrictionKind.Erase, Subject);
        Assert.True(result.Purge!.IsComplete);
        Assert.False(test.Node.Restrictions.NeedsPurge);
        AssertGone(test);
        await AssertRefusedAsync(test, Ordinary);

        await AssertRefusedAsync(test, SignedCertificates.Begin(1).RevokeKeyBy(new SigningKey(2)));

        Assert.Equal([SubmissionResult.Added], await test.SubmitSignedAsync(Revoked));
        Certificate left = Assert.Single(test.Find(new CertificateSelector.ByFingerprint(Fingerprint))).Read().Certificate;
        Assert.Equal([PacketTag.PublicKey, PacketTag.Signature], left.Packets.Select(static packet => packet.Tag));
        Assert.Empty(test.Find(new CertificateSelector.ByIdentity("number.1@example.org")));
        Assert.Equal(RestrictionStatus.AlreadyErased, (await IssueAsync(test, RestrictionKind.Block, Subject)).Status);
        await test.AssertSoundAsync();
    }

    [Theory]
    [InlineData(RestrictionKind.Block)]
    [InlineData(RestrictionKind.Erase)]
    public async Task Restricted_user_id_is_stripped_and_the_rest_stays(RestrictionKind kind)
    {
        const string Text = "Number 1 <number.1@example.org>";
        await using TestNode test = TestNode.Open();
        await test.SubmitSignedAsync(Ordinary);
        var subject = new RestrictionSubject.UserId(Fingerprint, TextHash.Of(TestPackets.UserId(Text)));
        RestrictionResult result = await IssueAsync(test, kind, subject);

        Assert.Equal((0L, 1L), (result.Removed, result.Rewritten));
        AssertWithoutFirstUserId(test);
        Assert.Equal([SubmissionResult.Unchanged], await test.SubmitSignedAsync(Ordinary));
        AssertWithoutFirstUserId(test);
        Assert.Equal([SubmissionResult.Added], await test.SubmitSignedAsync(SignedCertificates.Begin(9).UserId(Text).Certify()));
        await test.AssertSoundAsync();

        await IssueAsync(test, RestrictionKind.Retract, subject);
        Assert.Equal([SubmissionResult.Updated], await test.SubmitSignedAsync(Ordinary));
    }

    [Fact]
    public async Task Restricted_identity_is_stripped_from_every_certificate_wherever_it_stands()
    {
        await using TestNode test = TestNode.Open();
        SignedCertificate[] holders =
        [
            SignedCertificates.Begin(1).UserId("A <anna@example.org>").Certify().UserId("kept <b@example.org>").Certify(),
            SignedCertificates.Begin(2).UserId("ANNA@EXAMPLE.ORG").Certify().UserId("kept").Certify(),
            SignedCertificates.Begin(3).UserId("Two <c@example.org> <Anna@example.org>").Certify().UserId("kept").Certify(),
        ];
        SignedCertificate other = SignedCertificates.Begin(4).UserId("Joanna <joanna@example.org>").Certify();
        await test.SubmitSignedAsync([.. holders, other]);
        RestrictionResult result = await IssueAsync(test, RestrictionKind.Block, new RestrictionSubject.Identity(TextHash.OfIdentity("anna@example.org")));

        Assert.Equal((0L, 3L), (result.Removed, result.Rewritten));
        Assert.Equal([1, 1, 1, 1], UserIdCounts());
        Assert.Equal([SubmissionResult.Unchanged, SubmissionResult.Unchanged, SubmissionResult.Unchanged], await test.SubmitSignedAsync(holders));
        await test.WhileClosedAsync(() => ImportOfflineAsync(test, holders[2], null));
        Assert.Equal([1, 1, 1, 1], UserIdCounts());
        Assert.Empty(test.Find(new CertificateSelector.ByIdentity("anna@example.org")));
        await test.AssertSoundAsync();

        IEnumerable<int> UserIdCounts() => holders.Append(other).Select(builder =>
            Assert.Single(test.Find(new CertificateSelector.ByFingerprint(builder.Primary.Fingerprint))).Read().Certificate.UserIds.Count);
    }

    [Theory]
    [InlineData("Link <mailto:carol@example.org>", true)]
    [InlineData("Carla carol@example.org.", true)]
    [InlineData("to=Carol@Example.org!", true)]
    [InlineData("see https://example.org/carol@example.org?subject=x", true)]
    [InlineData("'carol@example.org'", true)]
    [InlineData("Carla|Carla:carol@example.org/home", true)]
    [InlineData("..carol@example.org..", true)]
    [InlineData("a@b@carol@example.org", true)]
    [InlineData("\u00abcarol@example.org\u00bb", true)]
    [InlineData("Xcarol@example.org", false)]
    [InlineData("<carol@example.org.uk>", false)]
    [InlineData("new+carol@example.org", false)]
    [InlineData("\u00fccarol@example.org", false)]
    [InlineData("u\u0308carol@example.org", false)]
    public void Address_is_found_wherever_it_stands(string userId, bool isRestricted)
    {
        RestrictionSet set = SetOf("carol@example.org");
        SignedCertificate builder = SignedCertificates.Begin(1).UserId("kept").Certify().UserId(userId).Certify();
        Assert.Equal(isRestricted ? 1 : 2, set.Apply(builder.BuildCertificate()).Certificate!.UserIds.Count);
    }

    [Fact]
    public void User_id_with_more_addresses_than_are_looked_at_is_restricted()
    {
        string many = string.Join(' ', Enumerable.Range(0, 2000).Select(static i => $"a{i}@example.org"));
        Certificate certificate = SignedCertificates.Begin(1).UserId("kept").Certify().UserId(many).Certify().BuildCertificate();
        Assert.Single(SetOf("carol@example.org").Apply(certificate).Certificate!.UserIds);
    }

    // A backup from before the restriction was restored, and the restrictions were imported into it.
    [Fact]
    public async Task What_a_restore_brought_back_is_never_shown_and_soon_removed()
    {
        await using TestNode test = TestNode.Open();
        await test.SubmitSignedAsync(Ordinary, SignedCertificates.Ordinary(2));
        await IssueAsync(test, RestrictionKind.Block, Subject);
        await IssueAsync(test, RestrictionKind.Block, new RestrictionSubject.Identity(TextHash.OfIdentity("number.2@example.org")));
        await test.WhileClosedAsync(() =>
        {
            PutBack(test, Ordinary);
            PutBack(test, SignedCertificates.Ordinary(2));
            return Task.CompletedTask;
        });

        AssertGone(test);
        Assert.Empty(test.Find(new CertificateSelector.ByDigest(SignedCertificates.Ordinary(2).BuildCertificate().Digest)));
        Assert.Empty(test.Find(new CertificateSelector.ByIdentity("number.2@example.org")));
        Assert.Single(test.Node.ReadAll(ServedView.Full));
        await test.Node.Restrictions.RunDueAsync(Token);
        Assert.Equal(1, test.Node.GetStatistics().Certificates);
        await test.AssertSoundAsync();
    }

    // No index knows the address, as it stands beside another one.
    [Theory]
    [InlineData(RestrictionKind.Block)]
    [InlineData(RestrictionKind.Erase)]
    public async Task Identity_that_a_restore_brought_back_is_removed_wherever_it_stands(RestrictionKind kind)
    {
        SignedCertificate holder = SignedCertificates.Begin(3).UserId("Two <c@example.org> <anna@example.org>").Certify().UserId("kept").Certify();
        var subject = new RestrictionSubject.Identity(TextHash.OfIdentity("anna@example.org"));
        await using TestNode test = TestNode.Open();
        await IssueAsync(test, kind, subject);
        await test.WhileClosedAsync(() =>
        {
            PutBack(test, holder);
            return Task.CompletedTask;
        });

        await test.Node.Restrictions.RunDueAsync(Token);
        await IssueAsync(test, RestrictionKind.Retract, subject);
        Assert.Equal(["kept"], Assert.Single(test.Find(new CertificateSelector.ByFingerprint(holder.Primary.Fingerprint)))
            .Read().Certificate.UserIds.Select(static userId => UserIdText.Decode(userId.Packet.Span)));
        Assert.Equal(kind == RestrictionKind.Block, DataFolder.Holds(test, "anna@example.org"));
        await test.AssertSoundAsync();
    }

    [Theory]
    [InlineData(RestrictionKind.Block)]
    [InlineData(RestrictionKind.Erase)]
    public async Task Damaged_record_is_passed_over_and_removed_when_it_is_named(RestrictionKind kind)
    {
        await using TestNode test = TestNode.Open();
        await test.SubmitSignedAsync(Ordinary, SignedCertificates.Ordinary(2));
        await test.WhileClosedAsync(() =>
        {
            Damage(test, Ordinary);
            return Task.CompletedTask;
        });

        RestrictionResult other = await IssueAsync(test, kind, new RestrictionSubject.Identity(TextHash.OfIdentity("number.2@example.org")));
        Assert.Equal((RestrictionStatus.Done, 0L, 1L), (other.Status, other.Removed, other.Rewritten));
        RestrictionResult named = await IssueAsync(test, kind, Subject);
        Assert.Equal((RestrictionStatus.Done, 1L, 0L), (named.Status, named.Removed, named.Rewritten));
        Assert.Equal(1, test.Node.GetStatistics().Certificates);
        AssertGone(test);
        await test.AssertSoundAsync();
    }

    [Fact]
    public async Task Submissions_beside_a_block_never_win()
    {
        await using TestNode test = TestNode.Open();
        for (int round = 0; round < 20; round++)
        {
            SignedCertificate builder = SignedCertificates.Ordinary(1000 + round);
            Task[] submitting = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => test.SubmitAsync(builder.Build()), Token))];
            await IssueAsync(test, RestrictionKind.Block, new RestrictionSubject.Certificate(builder.Primary.Fingerprint));
            await Task.WhenAll(submitting);
        }

        Assert.Equal(0, test.Node.GetStatistics().Certificates);
        await test.AssertSoundAsync();
    }

    private static void Damage(TestNode test, SignedCertificate builder)
    {
        string folder = Path.Combine(test.Options.DataDirectory, "db");
        var families = new ColumnFamilies();
        foreach (string name in RocksDb.ListColumnFamilies(new DbOptions(), folder).Where(static name => name != "default"))
            families.Add(name, new ColumnFamilyOptions());
        using RocksDb database = RocksDb.Open(new DbOptions(), folder, families);
        ColumnFamilyHandle records = database.GetColumnFamily("certificates");
        byte[] key = builder.BuildCertificate().Identity.Span.ToArray();
        database.Put(key, database.Get(key, records)[..60], records);
    }

    private static RestrictionSet SetOf(string address)
    {
        using var folder = new TemporaryFolder();
        using NodeIdentity identity = NodeIdentity.LoadOrCreate(folder.Path, TimeProvider.System);
        var subject = new RestrictionSubject.Identity(TextHash.OfIdentity(address));
        RestrictionRecord record = RestrictionRecord.Create(identity, 1, DateTimeOffset.UnixEpoch, RestrictionKind.Block, subject);
        return RestrictionSet.OfAll([new RestrictionEntry(record, new RestrictionNote(true, DateTimeOffset.UnixEpoch, "a", ""))], DateTimeOffset.UnixEpoch);
    }

    private static Task<RestrictionResult> IssueAsync(TestNode test, RestrictionKind kind, RestrictionSubject subject) =>
        test.Node.Restrictions.IssueAsync(kind, subject, "anna", "", Token);

    private static void AssertGone(TestNode test)
    {
        Assert.Empty(test.Find(new CertificateSelector.ByFingerprint(Fingerprint)));
        Assert.Empty(test.Find(new CertificateSelector.ByKeyId(Ordinary.BuildCertificate().PrimaryKey.KeyId)));
        Assert.Empty(test.Find(new CertificateSelector.ByDigest(Ordinary.BuildCertificate().Digest)));
        Assert.Empty(test.Find(new CertificateSelector.ByIdentity("number.1@example.org")));
        Assert.DoesNotContain(test.Node.ReadAll(ServedView.Full), static served => served.Stored.Identity.Fingerprint == Fingerprint);
    }

    private static void AssertWithoutFirstUserId(TestNode test)
    {
        Certificate left = Assert.Single(test.Find(new CertificateSelector.ByFingerprint(Fingerprint))).Read().Certificate;
        Assert.Equal("Other 1 <other.1@example.org>", UserIdText.Decode(Assert.Single(left.UserIds).Packet.Span));
        Assert.Single(left.Subkeys);
        Assert.Empty(test.Find(new CertificateSelector.ByIdentity("number.1@example.org")));
        Assert.Empty(test.Find(new CertificateSelector.ByWords("number"u8.ToArray())));
    }

    private static async Task AssertRefusedAsync(TestNode test, SignedCertificate builder)
    {
        SubmissionOutcome outcome = Assert.Single(await test.SubmitAsync(builder.Build()));
        Assert.Equal((SubmissionResult.Rejected, RejectionReason.Restricted, Fingerprint), (outcome.Result, outcome.Reason, outcome.Fingerprint));
        outcome = Assert.Single(await test.ImportAsync(new MemoryStream(builder.Build())));
        Assert.Equal(RejectionReason.Restricted, outcome.Reason);
    }

    private static async Task ImportOfflineAsync(TestNode test, SignedCertificate builder, RejectionReason? rejection)
    {
        List<SubmissionOutcome> rejected = [];
        await using OfflineImport import = OfflineImport.Open(test.Options, test.Time);
        await import.ImportAsync(new MemoryStream(builder.Build()), rejected.Add, null, Token);
        await import.FinishAsync();
        Assert.Equal(rejection is null ? [] : [rejection.Value], rejected.Select(static outcome => outcome.Reason));
    }

    private static void PutBack(TestNode test, SignedCertificate builder)
    {
        using BulkLoader loader = BulkLoader.Open(new StoreOptions { Folder = test.Options.DataDirectory }, static (_, incoming) =>
        {
            using var examination = new CertificateExamination(incoming.PrimaryKey);
            examination.Add(incoming);
            return CertificateViews.Of(examination, incoming, [CleanViewPolicy.Current]);
        });
        loader.Load([builder.BuildCertificate()]);
        loader.Finish();
    }
}
