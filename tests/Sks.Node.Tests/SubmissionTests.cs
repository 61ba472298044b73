using System.Text;
using Sks.OpenPgp;
using Sks.Storage;
using Sks.TestSupport;

namespace Sks.Node.Tests;

public class SubmissionTests
{
    private static readonly byte[] Good = CertificateBuilder.Ordinary(1).Build();
    private static readonly byte[] OtherGood = CertificateBuilder.Ordinary(2).Build();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Added_updated_unchanged()
    {
        await using TestNode test = TestNode.Open();
        Certificate first = new CertificateBuilder(1).UserId("a").Certification().BuildCertificate();
        Certificate second = new CertificateBuilder(1).UserId("b").Certification().BuildCertificate();
        SksDigest union = CertificateMerger.Merge(first, second).Digest;
        Fingerprint fingerprint = first.PrimaryKey.Fingerprint;
        (Certificate Submitted, SubmissionResult Result, SksDigest Digest)[] steps =
        [
            (first, SubmissionResult.Added, first.Digest), (second, SubmissionResult.Updated, union), (first, SubmissionResult.Unchanged, union),
        ];
        foreach ((Certificate submitted, SubmissionResult result, SksDigest digest) in steps)
        {
            SubmissionOutcome outcome = Assert.Single(await test.SubmitAsync(submitted.ToArray()));
            ContentDigest? content = Assert.Single(test.Node.ReadAll(ServedView.Clean)).ContentDigest;
            Assert.Equal(
                new SubmissionOutcome(result, RejectionReason.None, fingerprint, digest) { ContentDigest = content, PolicyVersion = 1 }, outcome);
        }

        Assert.Equal(2ul, test.Node.Changes.Current.Sequence);
        await test.AssertSoundAsync();
    }

    [Fact]
    public async Task Hundred_versions_of_one_certificate_at_once_end_in_their_union()
    {
        await using TestNode test = TestNode.Open();
        CertificateBuilder[] versions = [.. Enumerable.Range(0, 100).Select(static i => new CertificateBuilder(1).UserId($"user {i:D3}").Certification())];
        List<SubmissionResult>[] results = await Task.WhenAll(versions.Select(version => Task.Run(() => test.SubmitAsync(version))));
        Assert.Equal(1, results.Count(static result => result.SequenceEqual([SubmissionResult.Added])));
        Assert.Equal(99, results.Count(static result => result.SequenceEqual([SubmissionResult.Updated])));

        Certificate union = versions.Select(static version => version.BuildCertificate()).Aggregate(CertificateMerger.Merge);
        Assert.Equal(union.Digest, Assert.Single(test.Node.ReadAll(ServedView.Full)).Stored.SksDigest);
        await test.AssertSoundAsync();
    }

    [Fact]
    public async Task Bad_certificate_does_not_harm_its_neighbours()
    {
        await using TestNode test = TestNode.Open();
        byte[] unexpected = new CertificateBuilder(3).UserId("x").Add((PacketTag)11, [1, 2, 3]).Build();
        byte[] secret = TestPackets.Frame(PacketTag.SecretKey, [.. new CertificateBuilder(4).PrimaryKey.Body.Span, 0, 1, 2, 3]);
        List<SubmissionOutcome> outcomes = await test.SubmitAsync((byte[])[.. Good, .. unexpected, .. secret, .. OtherGood]);
        Assert.Equal(
            [SubmissionResult.Added, SubmissionResult.Rejected, SubmissionResult.Rejected, SubmissionResult.Added],
            outcomes.Select(static outcome => outcome.Result));
        Assert.Equal(RejectionReason.MalformedCertificate, outcomes[1].Reason);
        Assert.Equal(new CertificateBuilder(3).PrimaryKey.Fingerprint, outcomes[1].Fingerprint);
        Assert.Equal(RejectionReason.SecretKey, outcomes[2].Reason);
        Assert.Equal(2, test.Node.GetStatistics().Certificates);
        await test.AssertSoundAsync();
    }

    [Fact]
    public async Task Submission_with_a_cut_end_is_rejected_and_an_import_keeps_what_is_whole()
    {
        byte[] cut = Good[..^5];
        await using TestNode test = TestNode.Open();
        SubmissionOutcome outcome = Assert.Single(await test.SubmitAsync(cut));
        Assert.Equal(RejectionReason.Truncated, outcome.Reason);
        Assert.Equal(new CertificateBuilder(1).PrimaryKey.Fingerprint, outcome.Fingerprint);
        Assert.Empty(test.Node.ReadAll(ServedView.Full));

        Assert.Equal(SubmissionResult.Added, Assert.Single(await test.ImportAsync(new MemoryStream(cut))).Result);
        Certificate stored = Assert.Single(test.Node.ReadAll(ServedView.Full)).Read().Certificate;
        Assert.Equal(Keyrings.ReadOne(Good).PacketCount - 1, stored.PacketCount);
    }

    [Fact]
    public async Task Several_armored_blocks_in_text_are_all_taken()
    {
        await using TestNode test = TestNode.Open();
        byte[] broken = Encoding.ASCII.GetBytes("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n!!!!\n-----END PGP PUBLIC KEY BLOCK-----\n");
        byte[] text = [.. "Hello\n\n"u8, .. Armor.Write(Good), .. "and\n"u8, .. broken, .. Armor.Write(OtherGood), .. "Bye\n"u8];
        Assert.Equal(
            [RejectionReason.None, RejectionReason.BadArmor, RejectionReason.None], (await test.SubmitAsync(text)).Select(static outcome => outcome.Reason));
        Assert.Equal(2, test.Node.GetStatistics().Certificates);
    }

    [Theory]
    [InlineData("", RejectionReason.NoData)]
    [InlineData("68656C6C6F", RejectionReason.NoData)] // hello
    [InlineData("9A40000000AABBCC", RejectionReason.TooLarge)] // claims 1 GiB
    [InlineData("C6FFFFFFFFFF0102", RejectionReason.TooLarge)] // claims 4 GiB
    [InlineData("9B010203", RejectionReason.MalformedPackets)] // no length
    [InlineData("98020500", RejectionReason.UnsupportedVersion)]
    [InlineData("B40161", RejectionReason.MalformedCertificate)] // a user ID alone
    public async Task Input_without_a_certificate_is_rejected_with_a_reason(string hex, RejectionReason reason)
    {
        await using TestNode test = TestNode.Open();
        SubmissionOutcome outcome = Assert.Single(await test.SubmitAsync(Convert.FromHexString(hex)));
        Assert.Equal(SubmissionOutcome.Rejected(reason, outcome.Fingerprint), outcome);
        Assert.Equal(1, test.Node.GetStatistics().Rejections[reason]);
        Assert.Equal(0ul, test.Node.Changes.Current.Sequence);
    }

    [Fact]
    public async Task Certificates_beyond_the_limit_are_refused_but_not_in_an_import()
    {
        await using TestNode test = TestNode.Open(static options => options.MaxCertificatesPerSubmission = 3);
        byte[] four = [.. Enumerable.Range(1, 4).SelectMany(static seed => CertificateBuilder.Ordinary(seed).Build())];
        Assert.Equal(
            [RejectionReason.None, RejectionReason.None, RejectionReason.None, RejectionReason.TooManyCertificates],
            (await test.SubmitAsync(four)).Select(static outcome => outcome.Reason));
        Assert.Equal(3, test.Node.GetStatistics().Certificates);
        Assert.Equal(4, (await test.ImportAsync(new MemoryStream(four))).Count(static outcome => outcome.Reason == RejectionReason.None));
    }

    [Fact]
    public async Task Stream_that_breaks_fails_the_import_after_what_came_before()
    {
        await using TestNode test = TestNode.Open();
        List<SubmissionOutcome> outcomes = [];
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            using var stream = new FedStream([Good, OtherGood], FedStream.End.Failure);
            await foreach (SubmissionOutcome outcome in test.Node.Submissions.ImportAsync(stream, Token))
                outcomes.Add(outcome);
        });
        Assert.Equal(SubmissionResult.Added, Assert.Single(outcomes).Result);
    }

    [Fact]
    public async Task Stream_that_never_ends_is_left_by_cancellation_and_the_node_closes()
    {
        await using TestNode test = TestNode.Open();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var stream = new FedStream([Good, OtherGood], FedStream.End.Never);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (SubmissionOutcome outcome in test.Node.Submissions.ImportAsync(stream, cancellation.Token))
            {
                Assert.Equal(SubmissionResult.Added, outcome.Result);
                await cancellation.CancelAsync();
            }
        });
        await test.Node.DisposeAsync();
    }

    [Fact]
    public async Task Import_that_is_left_early_stops_reading_and_leaves_nothing_running()
    {
        await using TestNode test = TestNode.Open();
        int made = 0;
        IEnumerable<byte[]> endless = Enumerable.Range(1, int.MaxValue).Select(seed =>
        {
            Interlocked.Increment(ref made);
            return CertificateBuilder.Ordinary(seed).Build();
        });
        using var stream = new FedStream(endless);
        await foreach (SubmissionOutcome outcome in test.Node.Submissions.ImportAsync(stream, Token))
        {
            Assert.Equal(SubmissionResult.Added, outcome.Result);
            break;
        }

        int after = Volatile.Read(ref made);
        ulong sequence = test.Node.Changes.Current.Sequence;
        await test.SubmitAsync(new CertificateBuilder(-1).UserId("later").Certification());
        Assert.Equal(after, Volatile.Read(ref made));
        Assert.Equal(sequence + 1, test.Node.Changes.Current.Sequence);
    }

    [Fact]
    public async Task Submission_to_a_closed_node_says_so()
    {
        await using TestNode test = TestNode.Open();
        await test.Node.DisposeAsync();
        StorageException error = await Assert.ThrowsAsync<StorageException>(() => test.SubmitAsync(Good));
        Assert.Equal(StorageErrorKind.Closed, error.Kind);
    }
}
