using CsCheck;
using Sks.OpenPgp;
using Sks.TestSupport;

namespace Sks.Storage.Tests;

/// <summary>What is on disk. A frozen record that fails here means a new layout, not new numbers.</summary>
public class CertificateRecordTests
{
    private const int HeaderLength = 122;

    // No builder: its bytes may change, these may not. The user ID in front is the one that nobody has signed.
    private static readonly Certificate Small = Keyrings.ReadOne((byte[])
    [
        .. TestPackets.Frame(PacketTag.PublicKey, TestPackets.PublicKey(4, 1)),
        .. TestPackets.Frame(PacketTag.UserId, "a"u8),
        .. TestPackets.Frame(PacketTag.UserId, "b"u8),
        .. TestPackets.Frame(PacketTag.Signature, TestPackets.Signature(4, SignatureType.PositiveCertification, 1, KeyOf(4, 1).KeyId)),
    ]);

    private static readonly PacketVerdict[] SmallVerdicts = [0, 0, 0, PacketVerdict.Proven];

    [Fact]
    public void Record_keeps_its_bytes()
    {
        CertificateViews views = Assert.IsType<CertificateViews>(ViewsOf(Small, SmallVerdicts));
        Packet[] packets = [.. Small.Packets];
        byte[] clean = [.. Frame(packets[0]), .. Frame(packets[2]), .. Frame(packets[3])];
        Assert.Equal((79, 3, 62), (Frame(packets[0]).Length, Frame(packets[1]).Length, Frame(packets[3]).Length));
        Assert.Equal(
            "02" + "03" + "0102030405060708" + "02" + "01" + "0000010D"
            + "00000001" + views.Clean[0].Digest + $"{Crc24.Compute(clean):X6}" + "00000090" + "00000001" + "0000007A" + "00000090"
            + Small.Digest + $"{Crc24.Compute(Small.ToArray()):X6}" + "00000093" + "00000003"
            + "0000007A" + "0000004F" + "0000010A" + "00000003" + "000000C9" + "00000041"
            + Convert.ToHexString(clean) + Convert.ToHexString(Frame(packets[1]))
            + "00000004" + "00" + "0000004F" + "00" + "00000003" + "05" + "0000003E" + "00" + "00000003",
            Convert.ToHexString(CertificateRecord.Encode(views, 0x0102030405060708)));

        // Digests of dialects follow, and a flag says so.
        byte[] bare = CertificateRecord.Encode(views, 7);
        byte[] record = CertificateRecord.Encode(views, 7, [new DialectDigest(1, 9, Small.Digest), new DialectDigest(2, 8, null)]);
        Assert.Equal(7, record[1]);
        Assert.Equal(bare[2..], record[2..bare.Length]);
        Assert.Equal("02" + "010901" + Small.Digest + "020800" + new string('0', 32), Convert.ToHexString(record[bare.Length..]));
        for (int length = bare.Length; length < record.Length; length++)
            Assert.Throws<StorageException>(() => CertificateRecord.Decode(Small.Identity, record[..length]));

        static byte[] Frame(in Packet packet) => TestPackets.Frame(packet.Tag, packet.Body.Span).ToArray();
    }

    [Fact]
    public void Record_of_the_first_layout_is_a_full_view_that_nobody_has_looked_at()
    {
        Certificate certificate = Keyrings.ReadOne((byte[])
            [.. TestPackets.Frame(PacketTag.PublicKey, TestPackets.PublicKey(4, 1)), .. TestPackets.Frame(PacketTag.UserId, "a"u8)]);
        byte[] record = Convert.FromHexString(
            "01" + "01" + "0102030405060708" + "0000007F" + "C4BAD3CBBFB5F4B53503E0A38E4274FC" + "616FA5"
            + "00000001" + "0000002D" + "00000052"
            + Convert.ToHexString(certificate.ToArray())
            + "00000002" + "00" + "0000004F" + "00" + "00000003");
        Assert.Equal(record, FirstLayout.Encode(certificate, 0x0102030405060708));

        StoredCertificate stored = CertificateRecord.Decode(certificate.Identity, record);
        Assert.Equal(0x0102030405060708u, stored.Version);
        Assert.Equal(certificate.Digest, stored.SksDigest);
        AssertView(certificate, new PacketVerdict[2], stored.FullView, stored.ReadFullView());
        Assert.Null(stored.CleanView(1));
        Assert.Null(stored.ContentDigest(1));
        Assert.False(stored.HasCleanView(1));
        Assert.Equal(certificate.PrimaryKey.CreationTime, stored.ReadCreationTime());
    }

    [Fact]
    public void Record_gives_back_what_was_encoded() => Gen.Select(Gen.Int[0, 5].List[0, 4], Gen.Bool.List[0, 24], Gen.Bool, Gen.Int[1, 3]).Sample(
        static (parts, proven, isJoined, policies) =>
        {
            // Two user IDs that share signatures, one packet twice under the same, junk anywhere.
            var builder = new CertificateBuilder(3);
            foreach (int part in parts)
            {
                builder.UserId($"part {part}")
                    .JunkSignature(SignatureType.PositiveCertification, 1)
                    .JunkSignature(SignatureType.PositiveCertification, part);
            }

            Certificate full = builder.BuildCertificate();
            if (isJoined)
            {
                var other = new CertificateBuilder(3).UserId("part 1").JunkSignature(SignatureType.PositiveCertification, 9);
                full = CertificateMerger.Merge(full, other.BuildCertificate());
            }

            int next = 0;
            PacketVerdict[] verdicts = [.. full.Packets.Select(packet => packet.Tag != PacketTag.Signature
                ? PacketVerdict.NotExamined
                : next < proven.Count && proven[next++] ? PacketVerdict.Proven : PacketVerdict.Refuted)];
            CleanViewPolicy[] maintained = [.. Enumerable.Range(1, policies).Select(static version =>
                CleanViewPolicy.Current with { Version = version, MaxUserIds = 4 - version, MaxSelfSignatures = version })];
            AssertRoundTrip(ViewsOf(full, verdicts, maintained)!);
        },
        iter: 2000);

    [Fact]
    public void Same_signature_in_two_places_has_two_verdicts()
    {
        Certificate certificate = new CertificateBuilder(1)
            .UserId("a").JunkSignature(SignatureType.PositiveCertification, 5)
            .UserId("b").JunkSignature(SignatureType.PositiveCertification, 5)
            .BuildCertificate();
        CertificateViews views = ViewsOf(certificate, [0, 0, PacketVerdict.Refuted, 0, PacketVerdict.Proven])!;
        StoredCertificate stored = CertificateRecord.Decode(certificate.Identity, CertificateRecord.Encode(views));
        Assert.Equal([0, 0, PacketVerdict.Refuted, 0, PacketVerdict.Proven], stored.ReadFullView()!.Verdicts.ToArray());
        Assert.Equal([0, 0, PacketVerdict.Proven], stored.ReadCleanView(1)!.Verdicts.ToArray());
    }

    [Fact]
    public void Packets_that_views_share_are_stored_once()
    {
        Certificate certificate = TestStore.Certificate(1);
        byte[] one = CertificateRecord.Encode(Merging.Unite(null, certificate)!);
        CleanViewPolicy[] policies = [.. Enumerable.Range(1, 3).Select(static version => CleanViewPolicy.Current with { Version = version })];
        byte[] three = CertificateRecord.Encode(Merging.Unite(null, certificate, policies)!);
        Assert.InRange(one.Length - certificate.GetLength(), 1, 200);
        Assert.Equal(2 * 55, three.Length - one.Length);
    }

    [Fact]
    public void Verdicts_found_by_other_rules_do_not_count()
    {
        byte[] record = CertificateRecord.Encode(ViewsOf(Small, SmallVerdicts)!);
        Assert.Contains(PacketVerdict.Proven, CertificateRecord.Decode(Small.Identity, record).ReadFullView()!.Verdicts.ToArray());
        record[10]++;
        StoredCertificate stored = CertificateRecord.Decode(Small.Identity, record);
        Assert.Equal(new PacketVerdict[4], stored.ReadFullView()!.Verdicts.ToArray());
        Assert.Equal(new PacketVerdict[3], stored.ReadCleanView(1)!.Verdicts.ToArray());
        Assert.True(stored.IsBehind([CleanViewPolicy.Current]));
    }

    [Fact]
    public void Version_6_has_no_full_view()
    {
        Certificate certificate = TestStore.Version6(1);
        CertificateViews views = Merging.ViewsOf(certificate);
        Assert.Null(views.Full);
        AssertRoundTrip(views);
        using var examination = new CertificateExamination(certificate.PrimaryKey);
        examination.Add(certificate);
        Assert.Throws<ArgumentException>(() => CertificateViews.Of(examination, certificate, [CleanViewPolicy.Current]));
    }

    [Fact]
    public void Looking_at_what_is_served_allocates_one_small_object()
    {
        CertificateIdentity identity = Small.Identity;
        byte[] record = CertificateRecord.Encode(ViewsOf(Small, SmallVerdicts)!);
        Look(); // what runs first is compiled first
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Look();
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 1, 128);

        void Look()
        {
            StoredCertificate stored = CertificateRecord.Decode(identity, record);
            StoredView? view = stored.CleanView(1);
            if (view is not { SliceCount: 1 } || view.Value.GetSlice(0).Length != view.Value.Length || stored.ContentDigest(1) is null)
                throw new InvalidOperationException("The clean view is not what it should be.");
        }
    }

    [Fact]
    public void Cut_or_strange_record_is_corrupt()
    {
        byte[] record = CertificateRecord.Encode(ViewsOf(Small, SmallVerdicts)!, 1);
        for (int length = 0; length < record.Length; length++)
            AssertCorrupt(record[..length]);
        AssertCorrupt(With(0, 3));
        AssertCorrupt(With(1, 0));
        AssertCorrupt(With(1, 7));
        AssertCorrupt(With(11, 2));
        foreach (int number in (int[])[12, 55, 59, 63, 67, 90, 94])
        {
            AssertCorrupt(With(number, 0x7F));
            AssertCorrupt(With(number, 0xFF));
        }

        for (int number = 98; number < HeaderLength; number += 4)
            AssertCorrupt(With(number, 0x7F));
        byte[] first = FirstLayout.Encode(Small, 1);
        for (int length = 0; length < first.Length; length++)
            AssertCorrupt(first[..length]);
        AssertCorrupt([1, 3, .. first[2..]]);
        AssertCorrupt([.. first[..33], 0, 0, 0, 2, .. first[37..]]);
        AssertCorrupt([.. first[..37], 255, 255, 255, 255, .. first[41..]]);
        AssertCorrupt([.. first[..41], 127, 255, 255, 255, .. first[45..]]);

        byte[] With(int offset, byte value)
        {
            byte[] strange = [.. record];
            strange[offset] = value;
            return strange;
        }

        static void AssertCorrupt(byte[] record) => Assert.Equal(
            StorageErrorKind.Corrupt,
            Assert.Throws<StorageException>(() => StoredViews.Read(CertificateRecord.Decode(Small.Identity, record))).Kind);
    }

    [Fact]
    public void Damaged_record_is_read_or_corrupt_but_nothing_else()
    {
        byte[] record = CertificateRecord.Encode(ViewsOf(Small, SmallVerdicts)!, 1);
        Gen.Select(Gen.Int[0, record.Length - 1], Gen.Byte, Gen.Int[0, record.Length]).Sample(
            (at, value, length) =>
            {
                byte[] damaged = record[..length];
                if (at < length)
                    damaged[at] = value;
                StoredViews.TryReadPackets(Small.Identity.Span, damaged);
            },
            iter: 5000);
    }

    private static void AssertRoundTrip(CertificateViews views)
    {
        StoredCertificate stored = CertificateRecord.Decode(views.Identity, CertificateRecord.Encode(views, 99));
        Assert.Equal(99u, stored.Version);
        Assert.Equal(views.Full?.Digest, stored.SksDigest);
        Assert.Equal(views.PrimaryKey.CreationTime, stored.ReadCreationTime());
        Assert.Equal(views.PrimaryKey.Fingerprint, stored.ReadPrimaryKey().Fingerprint);
        AssertView(views.Full, views.VerifiedFull?.Verdicts, stored.FullView, stored.ReadFullView());
        for (int i = 0; i < views.Clean.Count; i++)
        {
            CleanView clean = views.Clean[i];
            Assert.True(stored.HasCleanView(clean.PolicyVersion));
            Assert.Equal(clean.Digest, stored.ContentDigest(clean.PolicyVersion));
            AssertView(
                clean.Certificate,
                views.VerifiedClean(i)?.Verdicts,
                stored.CleanView(clean.PolicyVersion),
                stored.ReadCleanView(clean.PolicyVersion));
        }

        // The newest view lies in one piece, first.
        int newest = views.Clean[^1].PolicyVersion;
        if (stored.CleanView(newest) is { } served)
            Assert.Equal((1, views.Clean[^1].Certificate!.GetLength()), (served.SliceCount, served.GetSlice(0).Length));
        Assert.False(stored.HasCleanView(newest + 1));
        Assert.Null(stored.CleanView(newest + 1));
    }

    private static void AssertView(Certificate? certificate, ReadOnlyMemory<PacketVerdict>? verdicts, StoredView? view, VerifiedCertificate? read)
    {
        Assert.Equal(certificate is null, view is null);
        Assert.Equal(certificate is null, read is null);
        if (certificate is null)
            return;
        byte[] expected = certificate.ToArray();
        Assert.Equal(expected, view!.Value.ToArray());
        Assert.Equal(expected, view.Value.ToMemory().ToArray());
        Assert.Equal(expected.Length, view.Value.Length);
        Assert.Equal(Crc24.Compute(expected), view.Value.Crc24);
        Assert.Equal(expected, read!.Certificate.ToArray());
        Assert.Equal(verdicts!.Value.ToArray(), read.Verdicts.ToArray());
    }

    private static CertificateViews? ViewsOf(Certificate full, PacketVerdict[] verdicts, params CleanViewPolicy[] policies)
    {
        using var examination = new CertificateExamination(full.PrimaryKey);
        examination.Add(new VerifiedCertificate(full, verdicts));
        return CertificateViews.Of(examination, full, policies.Length == 0 ? [CleanViewPolicy.Current] : policies);
    }

    private static PublicKeyPacket KeyOf(int version, int seed) =>
        PublicKeyPacket.TryParse(TestPackets.PublicKey(version, seed), out PublicKeyPacket key, out _) ? key : throw new InvalidOperationException();
}
