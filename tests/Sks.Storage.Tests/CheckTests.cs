using RocksDbSharp;
using Sks.OpenPgp;
using Sks.Reconciliation;
using Sks.TestSupport;

namespace Sks.Storage.Tests;

public class CheckTests
{
    private static readonly byte[] Nothing = [];
    private static readonly Certificate Victim = TestStore.Certificate(3);
    private static readonly Certificate VictimWithJunk = CertificateMerger.Merge(
        Victim, new CertificateBuilder(3).UserId("junk").JunkSignature(SignatureType.PositiveCertification).BuildCertificate());

    private static readonly byte[] ContentKey = KeyCodec.Digest(1, Merging.ViewsOf(Victim).Clean[0].Digest!.Value);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Damages => [.. DamageByName.Keys];

    private static Dictionary<string, Action<WriteBatch, Database>> DamageByName { get; } = new()
    {
        ["missing digest row"] = static (batch, database) => batch.Delete(KeyCodec.Digest(Victim.Digest), database[Family.SksDigests]),
        ["wrong digest row"] = static (batch, database) => batch.Put(
            KeyCodec.Digest(Victim.Digest), TestStore.Certificate(4).Identity.Span.ToArray(), database[Family.SksDigests]),
        ["surplus digest row"] = static (batch, database) => batch.Put(
            KeyCodec.Digest(new SksDigest(1)), Victim.Identity.Span.ToArray(), database[Family.SksDigests]),
        ["missing key ID row"] = static (batch, database) => batch.Delete(
            KeyCodec.WithIdentity(KeyCodec.KeyIdPrefix(Victim.PrimaryKey.KeyId, KeyRole.Primary), Victim.Identity), database[Family.KeyIds]),
        ["surplus key ID row"] = static (batch, database) => batch.Put(
            KeyCodec.WithIdentity(KeyCodec.KeyIdPrefix(new KeyId(1), KeyRole.Subkey), Victim.Identity), Nothing, database[Family.KeyIds]),
        ["key ID row with a value"] = static (batch, database) => batch.Put(
            KeyCodec.WithIdentity(KeyCodec.KeyIdPrefix(Victim.PrimaryKey.KeyId, KeyRole.Primary), Victim.Identity), (byte[])[1], database[Family.KeyIds]),
        ["missing address row"] = static (batch, database) => batch.Delete(
            KeyCodec.WithIdentity(KeyCodec.AddressPrefix("number.3@example.org"), Victim.Identity), database[Family.Identities]),
        ["surplus address row"] = static (batch, database) => batch.Put(
            KeyCodec.WithIdentity(KeyCodec.AddressPrefix("x@example.org"), Victim.Identity), Nothing, database[Family.Identities]),
        ["missing word row"] = static (batch, database) => batch.Delete(
            KeyCodec.WithIdentity(KeyCodec.WordPrefix("example"u8), Victim.Identity), database[Family.Words]),
        ["surplus word row"] = static (batch, database) => batch.Put(
            KeyCodec.WithIdentity(KeyCodec.WordPrefix("zebra"u8), Victim.Identity), Nothing, database[Family.Words]),
        ["wrong digest in the record"] = static (batch, database) => PutRecord(batch, database, static record => record[71] ^= 1),
        ["wrong checksum in the record"] = static (batch, database) => PutRecord(batch, database, static record => record[87] ^= 1),
        ["wrong content digest in the record"] = static (batch, database) => PutRecord(batch, database, static record => record[20] ^= 1),
        ["wrong checksum of the clean view"] = static (batch, database) => PutRecord(batch, database, static record => record[52] ^= 1),
        ["wrong verdict in the record"] = static (batch, database) => PutRecord(batch, database, static record => record[^5] ^= 1),
        ["missing content digest row"] = static (batch, database) => batch.Delete(ContentKey, database[Family.ContentDigests]),
        ["wrong content digest row"] = static (batch, database) => batch.Put(
            ContentKey, TestStore.Certificate(4).Identity.Span.ToArray(), database[Family.ContentDigests]),
        ["surplus content digest row"] = static (batch, database) => batch.Put(
            KeyCodec.Digest(2, Merging.ViewsOf(Victim).Clean[0].Digest!.Value), Victim.Identity.Span.ToArray(), database[Family.ContentDigests]),
        ["clean view that lacks something proven"] = static (batch, database) =>
        {
            CertificateViews part = Merging.ViewsOf(new CertificateBuilder(3).UserId("part").Certification().BuildCertificate());
            using var examination = new CertificateExamination(Victim.PrimaryKey);
            examination.Add(Victim);
            examination.Add(part.Full!);
            CertificateViews views = CertificateViews.Of(examination, Victim, part.Clean[0])!;
            batch.Put(Victim.Identity.Span.ToArray(), CertificateRecord.Encode(views, 3), database[Family.Certificates]);
        },
        ["clean view with something unproven"] = static (batch, database) =>
        {
            using var examination = new CertificateExamination(Victim.PrimaryKey);
            examination.Add(VictimWithJunk);
            CertificateViews views = CertificateViews.Of(examination, Victim, new CleanView(1, VictimWithJunk, ContentDigest.Compute(1, VictimWithJunk)))!;
            batch.Put(Victim.Identity.Span.ToArray(), CertificateRecord.Encode(views, 3), database[Family.Certificates]);
        },
        ["verdict that nobody found"] = static (batch, database) =>
        {
            // Record and rows agree with each other: only verifying again tells.
            using var examination = new CertificateExamination(Victim.PrimaryKey);
            examination.Add(new VerifiedCertificate(VictimWithJunk, VictimWithJunk.Packets
                .Select(static packet => packet.Tag == PacketTag.Signature ? PacketVerdict.Proven : PacketVerdict.NotExamined).ToArray()));
            CertificateViews views = CertificateViews.Of(examination, Victim, [CleanViewPolicy.Current])!;
            Assert.Equal(Victim.PacketCount + 2, views.Clean[0].Certificate!.PacketCount);
            foreach (DerivedRow row in DerivedRows.Of(Merging.ViewsOf(Victim)))
                batch.Delete(row.Key, database[row.Family]);
            foreach (DerivedRow row in DerivedRows.Of(views))
                batch.Put(row.Key, row.Value, database[row.Family]);
            batch.Put(Victim.Identity.Span.ToArray(), CertificateRecord.Encode(views, 3), database[Family.Certificates]);
        },
        ["record without a view of the policy"] = static (batch, database) => batch.Put(
            Victim.Identity.Span.ToArray(), FirstLayout.Encode(Victim, 3), database[Family.Certificates]),
        ["wrong table in the record"] = static (batch, database) => PutRecord(batch, database, static record => record[^1] ^= 1),
        ["missing node"] = static (batch, database) => batch.Delete(Node(database, isLeaf: true).Key, database[Family.Tree]),
        ["wrong sample of a node"] = static (batch, database) => PutNode(batch, database, isLeaf: false, static value => value[8] ^= 1),
        ["wrong element of a leaf"] = static (batch, database) => PutNode(batch, database, isLeaf: true, static value => value[^1] ^= 1),
        ["surplus node"] = static (batch, database) =>
        {
            (byte[] key, byte[] value) = Node(database, isLeaf: true);
            batch.Put((byte[])[0, 100, .. key[2..], .. new byte[11]], value, database[Family.Tree]);
        },
        ["wrong count"] = static (batch, database) => new StoreState(5, 10, 0, 11, 1).Write(batch, database),
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Damage_is_found_and_mended_while_submissions_go_on(string damage)
    {
        await using TestStore test = await OpenDamagedAsync(DamageByName[damage]);
        StoreCheckResult result = test.Store.Check(null, Token);
        Assert.True(result.DifferenceCount > 0);
        Assert.Equal(result.DifferenceCount, result.Differences.Count);
        Assert.Equal(10, result.Certificates);

        Task submitting = test.SubmitAllAsync(Enumerable.Range(100, 50).Select(TestStore.Certificate));
        await test.Store.RepairAsync(Token);
        await submitting;
        test.AssertSound();
        Assert.Equal(60, test.Store.Count);
        await test.ReopenAsync();
        test.AssertSound();
        Assert.Equal(Victim.Digest, test.Find(Victim.Identity)!.SksDigest);
    }

    [Fact]
    public async Task Sound_store_has_no_differences()
    {
        await using TestStore test = await OpenDamagedAsync(static (_, _) => { });
        Assert.Equal(0, test.Store.Check(null, Token).DifferenceCount);
    }

    [Fact]
    public async Task Record_without_readable_packets_is_found_and_put_aside()
    {
        byte[] damaged = [];
        await using TestStore test = await OpenDamagedAsync((batch, database) => PutRecord(batch, database, record =>
        {
            record[106] = 0;
            damaged = record;
        }));
        StoreCheckResult result = test.Store.Check(null, Token);
        Assert.Contains(result.Differences, difference => difference.StartsWith(Victim.Identity.ToString(), StringComparison.Ordinal));
        Assert.Equal(StorageErrorKind.Corrupt, Assert.Throws<StorageException>(() => test.Find(Victim.Identity)!.ReadFullView()).Kind);

        await test.Store.RepairAsync(Token);
        test.AssertSound();
        Assert.Null(test.Find(Victim.Identity));
        Assert.Equal(9, test.Store.Count);
        await test.WhileClosedAsync(folder => Assert.Contains(
            RawStore.Read(folder, Family.Meta),
            row => row.Key.AsSpan().EndsWith(Victim.Identity.Span) && row.Value.AsSpan().SequenceEqual(damaged)));

        Assert.True(await test.SubmitAsync(Victim, Token));
        test.AssertSound();
    }

    [Fact]
    public async Task Certificate_under_a_strange_key_is_found_and_put_aside()
    {
        await using TestStore test = await OpenDamagedAsync(static (batch, database) =>
        {
            byte[] record = CertificateRecord.Encode(Merging.ViewsOf(Victim), 3);
            batch.Put(TestStore.Certificate(1000).Identity.Span.ToArray(), record, database[Family.Certificates]);
            batch.Put((byte[])[1, 2, 3], record, database[Family.Certificates]);
        });
        Assert.Equal(12, test.Store.Check(null, Token).Certificates);
        await test.Store.RepairAsync(Token);
        test.AssertSound();
        Assert.Equal(10, test.Store.Count);
    }

    [Fact]
    public async Task Only_some_differences_are_told_but_all_are_counted()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAllAsync(Enumerable.Range(1, 150).Select(TestStore.Certificate));
        await test.WhileClosedAsync(static folder => RawStore.Edit(
            folder, static (batch, database) => batch.DeleteRange([], 0, [255], 1, database[Family.Words])));
        StoreCheckResult result = test.Store.Check(null, Token);
        Assert.Equal(100, result.Differences.Count);
        Assert.True(result.DifferenceCount > 150);
    }

    private static async Task<TestStore> OpenDamagedAsync(Action<WriteBatch, Database> damage)
    {
        TestStore test = TestStore.Open(static options => options with { TreeShape = new TreeShape(LeafSize: 2) });
        await test.SubmitAllAsync(Enumerable.Range(1, 10).Select(TestStore.Certificate));
        await test.WhileClosedAsync(folder => RawStore.Edit(folder, damage));
        return test;
    }

    // One of the leaves, or the root.
    private static (byte[] Key, byte[] Value) Node(Database database, bool isLeaf) =>
        RawStore.Read(database, Family.Tree)[isLeaf ? ^1 : 0];

    private static void PutNode(WriteBatch batch, Database database, bool isLeaf, Action<byte[]> damage)
    {
        (byte[] key, byte[] value) = Node(database, isLeaf);
        damage(value);
        batch.Put(key, value, database[Family.Tree]);
    }

    private static void PutRecord(WriteBatch batch, Database database, Action<byte[]> damage)
    {
        byte[] key = Victim.Identity.Span.ToArray();
        byte[] record = database.Rocks.Get(key, database[Family.Certificates]);
        damage(record);
        batch.Put(key, record, database[Family.Certificates]);
    }
}
