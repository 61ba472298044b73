using CsCheck;
using Sks.Node.Links;
using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.Reconciliation.Sketches;
using Sks.Storage;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.Node.Tests;

/// <summary>What a peer gets to see of this node is the set of clean views and the link's phantoms, whatever has happened.</summary>
public class LinkSketchTests
{
    private const int Seeds = 6;
    private static readonly NodeId Peer = new(1, 1);
    private static readonly int Policy = CleanViewPolicy.Current.Version;
    private static readonly Dictionary<int, ContentDigest> Views = Enumerable.Range(1, Seeds).ToDictionary(static seed => seed, ViewOf);
    private static readonly byte[] Secret = [.. Enumerable.Range(1, 32).Select(static i => (byte)i)];

    private enum Kind
    {
        Submit,
        Block,
        Unblock,
        AddPhantom,
        DropPhantom,
        Freeze,
        Restart,
        Key,
    }

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static Gen<List<(Kind Kind, int Seed)>> Histories { get; } =
        Gen.Select(
            Gen.Frequency((6, Gen.Const(Kind.Submit)), (2, Gen.Const(Kind.Block)), (2, Gen.Const(Kind.Unblock)), (5, Gen.Const(Kind.AddPhantom)),
                (2, Gen.Const(Kind.DropPhantom)), (4, Gen.Const(Kind.Freeze)), (1, Gen.Const(Kind.Restart)),
                (1, Gen.Const(Kind.Key))),
            Gen.Int[1, Seeds])
        .List[1, 20];

    [Fact]
    public async Task Image_equals_one_of_set_and_phantoms_made_from_nothing() => await Histories.SampleAsync(RunAsync, iter: 12, threads: 1);

    [Fact]
    public async Task Sketch_is_kept_up_and_outlives_a_restart_without_being_built_again()
    {
        await using TestNode test = TestNode.Open();
        Link link = await LinkAsync(test);
        await Assert.ThrowsAsync<InvalidOperationException>(() => link.FreezeAsync(Policy, Ended));
        await link.SetKeyAsync(new LinkKey(1, Secret, DateTimeOffset.UnixEpoch), Ended);
        await test.SubmitAsync(Certificate(1).Build());
        await AssertImageAsync(test, []);
        await test.SubmitAsync(Certificate(2).Build());
        await AssertImageAsync(test, []);
        Assert.Equal(1, link.Builds);

        await test.WhileClosedAsync(() => Task.CompletedTask);
        await test.SubmitAsync(Certificate(3).Build());
        await AssertImageAsync(test, []);
        Assert.Equal(0, test.Node.Links.Get(Peer).Builds);

        await test.Node.Links.Get(Peer).SetKeyAsync(new LinkKey(2, new byte[32], DateTimeOffset.UnixEpoch), Ended);
        await test.Node.Links.Get(Peer).FreezeAsync(Policy, Ended);
        Assert.Equal(1, test.Node.Links.Get(Peer).Builds);
    }

    [Fact]
    public async Task Damaged_row_has_the_sketch_built_again()
    {
        await using TestNode test = TestNode.Open();
        await LinkAsync(test, Secret);
        await test.SubmitAsync(Certificate(1).Build());
        await AssertImageAsync(test, []);
        await test.WhileClosedAsync(async () =>
        {
            await using CertificateStore store = CertificateStore.Open(new StoreOptions { Folder = test.Options.DataDirectory, MinFreeDiskBytes = 0 }, test.Time);
            byte[] saved = Assert.Single(store.ReadLinks(LinkKeys.Sketch(Peer))).Value;
            saved[^1] ^= 1;
            await store.WriteLinksAsync([(LinkKeys.Sketch(Peer), saved)], Ended);
        });
        await AssertImageAsync(test, []);
        Assert.Equal(1, test.Node.Links.Get(Peer).Builds);
    }

    [Fact]
    public async Task Certificates_that_were_loaded_while_the_node_was_closed_are_in_it()
    {
        await using TestNode test = TestNode.Open();
        await LinkAsync(test, Secret);
        await test.SubmitAsync(Certificate(1).Build());
        await AssertImageAsync(test, []);
        await test.WhileClosedAsync(async () =>
        {
            await using OfflineImport import = OfflineImport.Open(test.Options);
            await import.ImportAsync(new MemoryStream(Certificate(2).Build()), static _ => { }, null, Ended);
            await import.FinishAsync();
        });
        Assert.Equal(Secret, test.Node.Links.Get(Peer).Key!.Secret.ToArray());
        Assert.Equal(2, ReadSet(test).Count);
        await AssertImageAsync(test, []);
        await test.SubmitAsync(Certificate(3).Build());
        await AssertImageAsync(test, []);
    }

    [Fact]
    public async Task Repair_leaves_it_as_it_was()
    {
        await using TestNode test = TestNode.Open();
        Link link = await LinkAsync(test, Secret);
        await test.SubmitAsync(Certificate(1).Build());
        await link.AddPhantomAsync(Views[2], Ended);
        await AssertImageAsync(test, [Views[2]]);
        await test.Node.CheckAsync(repair: true, null, Ended);
        await AssertImageAsync(test, [Views[2]]);
        await test.SubmitAsync(Certificate(3).Build());
        await AssertImageAsync(test, [Views[2]]);
    }

    [Fact]
    public async Task Each_policy_has_its_own_and_one_that_is_not_served_lasts_until_something_changes()
    {
        await using TestNode test = TestNode.Open();
        await LinkAsync(test, Secret);
        SignedCertificate certificate = new SignedCertificate(new SigningKey(1)).UserId("someone");
        for (uint i = 0; i < 5; i++)
            certificate.Certify(spec => spec.At(new SigningKey(1).CreationTime + i));
        await test.SubmitAsync(certificate.Build());
        await AssertImageAsync(test, []);
        SketchImage first = (await test.Node.Links.Get(Peer).FreezeAsync(Policy, Ended)).Image;

        test.Options.Policies = [CleanViewPolicy.Current, CleanViewPolicy.Current with { Version = 2, MaxSelfSignatures = 2 }];
        await test.WhileClosedAsync(static () => Task.CompletedTask);
        await Eventually.IsTrueAsync(() => test.Node.GetStatistics().ServedPolicy == 2, "the new policy is served", cancellationToken: Ended);
        Link link = test.Node.Links.Get(Peer);
        UInt128 second = (await link.FreezeAsync(2, Ended)).Image.Fingerprint;
        Assert.NotEqual(first.Fingerprint, second);

        Assert.Equal(first.Fingerprint, (await link.FreezeAsync(Policy, Ended)).Image.Fingerprint);
        int builds = link.Builds;
        Assert.Equal(first.Fingerprint, (await link.FreezeAsync(Policy, Ended)).Image.Fingerprint);
        Assert.Equal(builds, link.Builds);
        await test.SubmitAsync(Certificate(2).Build());
        Assert.Equal(2, (await link.FreezeAsync(Policy, Ended)).Image.Count);
        Assert.Equal(builds + 1, link.Builds);
        Assert.Equal(2, (await link.FreezeAsync(2, Ended)).Image.Count);
    }

    [Fact]
    public void Phantom_expires_and_the_oldest_makes_room()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch);
        int retractions = 0;
        var phantoms = new PhantomSet(time, () => retractions);
        ContentDigest first = Digest(1, 1);
        Assert.Empty(phantoms.Add(new Phantom(first, time.GetUtcNow() + PhantomSet.Lifetime, 0, 0)));
        time.Advance(TimeSpan.FromDays(1));
        for (int i = 1; i < PhantomSet.MaxCount; i++)
            Assert.Empty(phantoms.Add(new Phantom(Digest(1, i + 1), time.GetUtcNow() + PhantomSet.Lifetime, 0, 0)));
        Assert.Equal([first], phantoms.Add(new Phantom(Digest(2, 1), time.GetUtcNow() + PhantomSet.Lifetime, 0, 0)));
        Assert.Equal(PhantomSet.MaxCount, phantoms.Count);
        Assert.Equal(PhantomSet.MaxCount * ContentDigest.Length, phantoms.Read(0).Length);
        retractions = 1;
        Assert.Empty(phantoms.Read(0));
        retractions = 0;
        Assert.True(phantoms.Contains(2ul << 56));
        time.Advance(PhantomSet.Lifetime);
        Assert.Empty(phantoms.Read(0));
        Assert.False(phantoms.Contains(2ul << 56));
        Assert.Equal(PhantomSet.MaxCount, phantoms.RemoveOver().Count);
    }

    [Fact]
    public async Task Phantoms_end_when_a_restriction_is_taken_back_and_what_the_peer_declines_after_a_day()
    {
        await using TestNode test = TestNode.Open();
        Link link = await LinkAsync(test, Secret);
        var subject = new RestrictionSubject.Certificate(Certificate(1).BuildCertificate().PrimaryKey.Fingerprint);
        await test.Node.Restrictions.IssueAsync(RestrictionKind.Block, subject, "author", "reason", Ended);
        await link.AddPhantomAsync(Views[1], Ended);
        await link.AddPhantomAsync(Views[2], endsUnannounced: true, Ended);
        test.Time.Advance(PhantomSet.UnannouncedLifetime);
        Assert.True(link.IsPhantom(Prefix(Views[1])));
        Assert.False(link.IsPhantom(Prefix(Views[2])));
        await test.WhileClosedAsync(() => Task.CompletedTask);
        link = test.Node.Links.Get(Peer);
        Assert.True(link.IsPhantom(Prefix(Views[1])));

        await test.Node.Restrictions.IssueAsync(RestrictionKind.Retract, subject, "author", "reason", Ended);
        Assert.False(link.IsPhantom(Prefix(Views[1])));
        await Eventually.IsTrueAsync(_ => Task.FromResult(link.PhantomCount == 0), "no phantoms", cancellationToken: Ended);
        await test.WhileClosedAsync(() => Task.CompletedTask);
        Assert.Equal(0, test.Node.Links.Get(Peer).PhantomCount);
    }

    [Fact]
    public async Task Set_behind_the_sketch_is_that_of_now_with_phantoms_in_their_places()
    {
        await using TestNode test = TestNode.Open();
        Link link = await LinkAsync(test, Secret);
        (_, IDigestSet set) = await link.FreezeAsync(Policy, Ended);
        await test.SubmitAsync(Enumerable.Range(1, Seeds).SelectMany(static seed => Certificate(seed).Build()).ToArray());
        List<ContentDigest> phantoms = [.. ReadSet(test).Select(static held => Above(held))];
        foreach (ContentDigest phantom in phantoms)
            await link.AddPhantomAsync(phantom, Ended);

        List<ContentDigest> expected = [.. ReadSet(test).Concat(phantoms).OrderBy(static digest => digest.ToString(), StringComparer.Ordinal)];
        Assert.Equal(expected, Enumerable.Range(0, 4096).SelectMany(bucket => Split(set.ReadBucket(bucket))));
        Assert.All(expected, digest => Assert.Contains(digest, Split(set.Find(Prefix(digest)))));
        Assert.Equal(2, Split(set.Find(Prefix(phantoms[0]))).Count());
        Assert.Equal([Prefix(Digest(9, 9))], test.Node.Links.FindMissing([Prefix(expected[0]), Prefix(Digest(9, 9))], Policy));
    }

    private static async Task RunAsync(List<(Kind Kind, int Seed)> history)
    {
        await using TestNode test = TestNode.Open();
        await LinkAsync(test, Secret);
        HashSet<ContentDigest> phantoms = [];
        uint epoch = 1;
        foreach ((Kind kind, int seed) in history)
        {
            Link link = test.Node.Links.Get(Peer);
            RestrictionSubject subject = new RestrictionSubject.Certificate(Certificate(seed).BuildCertificate().PrimaryKey.Fingerprint);
            switch (kind)
            {
                case Kind.Submit:
                    await test.SubmitAsync(Certificate(seed).Build());
                    break;
                case Kind.Block:
                    await test.Node.Restrictions.IssueAsync(RestrictionKind.Block, subject, "author", "reason", Ended);
                    break;
                case Kind.Unblock:
                    RestrictionResult lifted = await test.Node.Restrictions.IssueAsync(RestrictionKind.Retract, subject, "author", "reason", Ended);
                    if (lifted.Status == RestrictionStatus.Done)
                        phantoms.Clear();
                    break;
                case Kind.AddPhantom:
                    await link.AddPhantomAsync(Views[seed], Ended);
                    if (!ReadSet(test).Contains(Views[seed]))
                        phantoms.Add(Views[seed]);
                    break;
                case Kind.DropPhantom:
                    await link.DropPhantomsAsync([Prefix(Views[seed])], Ended);
                    phantoms.Remove(Views[seed]);
                    break;
                case Kind.Freeze:
                    await AssertImageAsync(test, phantoms);
                    break;
                case Kind.Restart:
                    await test.WhileClosedAsync(() => Task.CompletedTask);
                    break;
                case Kind.Key:
                    await link.SetKeyAsync(new LinkKey(++epoch, Secret, DateTimeOffset.UnixEpoch), Ended);
                    break;
            }

            // What enters the set ends as a phantom. (In a history that blocks it again nothing tells whether that was seen: so it is looked up.)
            phantoms.ExceptWith(ReadSet(test));
            await AssertImageAsync(test, phantoms);
        }
    }

    private static async Task AssertImageAsync(TestNode test, IEnumerable<ContentDigest> phantoms)
    {
        Link link = test.Node.Links.Get(Peer);
        (SketchImage image, IDigestSet set) = await link.FreezeAsync(Policy, Ended);
        HashSet<ContentDigest> all = [.. ReadSet(test), .. phantoms];
        CodedSketch expected = Build(all);
        Assert.Equal((expected.Count, expected.Fingerprint), (image.Count, image.Fingerprint));
        Assert.Equal(all.Order(Comparer<ContentDigest>.Create(static (a, b) => a.Span.SequenceCompareTo(b.Span))), Enumerable.Range(0, 4096).SelectMany(bucket => Split(set.ReadBucket(bucket))));

        // And every cell: what lies in the row is the sketch of the set alone.
        byte[] kept = link.ReadSketch()!;
        byte[] anew = Build(ReadSet(test)).Save();
        Assert.True(kept.AsSpan(kept.Length - anew.Length).SequenceEqual(anew));
    }

    private static CodedSketch Build(IEnumerable<ContentDigest> digests)
    {
        var sketch = new CodedSketch(SketchKey.Of(Secret));
        sketch.Add(digests.SelectMany(static digest => digest.Span.ToArray()).ToArray());
        return sketch;
    }

    private static async Task<Link> LinkAsync(TestNode test, byte[]? secret = null)
    {
        await test.Node.Links.Book.AddAsync(Peer, [], Ended);
        Link link = test.Node.Links.Get(Peer);
        if (secret is not null)
            await link.SetKeyAsync(new LinkKey(1, secret, DateTimeOffset.UnixEpoch), Ended);
        return link;
    }

    private static SignedCertificate Certificate(int seed) => SignedCertificate.Ordinary(seed);

    private static ContentDigest ViewOf(int seed)
    {
        OpenPgp.Certificate certificate = Certificate(seed).BuildCertificate();
        using var examination = new CertificateExamination(certificate.PrimaryKey);
        examination.Add(certificate);
        examination.Advance(long.MaxValue);
        return examination.Select(CleanViewPolicy.Current).Digest!.Value;
    }

    private static List<ContentDigest> ReadSet(TestNode test) =>
        [.. test.Node.ReadAll(ServedView.Clean).Select(static served => served.ContentDigest!.Value)];

    private static IEnumerable<ContentDigest> Split(byte[] digests) => digests.Chunk(ContentDigest.Length).Select(static bytes => ContentDigest.Read(bytes));

    private static ContentDigest Above(ContentDigest digest)
    {
        byte[] bytes = digest.Span.ToArray();
        bytes[^1]++;
        return ContentDigest.Read(bytes);
    }

    private static ulong Prefix(ContentDigest digest) => System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(digest.Span);

    private static ContentDigest Digest(byte first, int number)
    {
        byte[] bytes = new byte[ContentDigest.Length];
        bytes[0] = first;
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), number);
        return ContentDigest.Read(bytes);
    }
}
