using System.Buffers;
using System.Diagnostics;
using CsCheck;
using Sks.TestSupport;

namespace Sks.OpenPgp.Tests;

public sealed class KeyringSplitterTests
{
    private static readonly OpenPgpLimits SmallLimits = new() { MaxPacketBytes = 2_000, MaxCertificateBytes = 6_000, MaxPackets = 40 };

    private static readonly string[] DamageNames =
    [
        "cut in the middle",
        "first byte lost",
        "length too short",
        "length too long",
        "length swallows the next certificate's start",
        "indeterminate length",
        "partial length",
        "claims 1 GiB",
        "claims what comes behind it",
        "garbage inserted",
        "text inserted",
        "zeros inserted",
        "secret key inserted",
        "secret subkey inserted",
        "too many packets",
        "too many bytes",
        "packet too large",
        "trust packet inserted",
        "primary key of version 5",
        "primary key damaged",
    ];

    /// <summary>Ways to damage a certificate, by name.</summary>
    public static TheoryData<string> Damages => [.. DamageNames];

    [Theory]
    [MemberData(nameof(Damages))]
    public void All_neighbours_of_a_damaged_certificate_are_found(string damage)
    {
        const int Count = 7;
        byte[][] good =
            [.. Enumerable.Range(0, Count).Select(static seed => CertificateBuilder.Ordinary(seed).Build((HeaderFormat)(seed % 2)))];
        for (int damaged = 0; damaged < Count; damaged++)
        {
            CertificateIdentity identity = Keyrings.ReadOne(good[damaged]).Identity;
            SksDigest[] neighbours = [.. good.Where((_, i) => i != damaged).Select(static c => Keyrings.ReadOne(c).Digest)];
            for (int variant = 0; variant < 12; variant++)
            {
                byte[][] parts = [.. good];
                parts[damaged] = Damage(good[damaged], damage, variant, damaged == Count - 1 ? [] : good[damaged + 1]);
                byte[] keyring = [.. parts.SelectMany(static part => part)];

                Assert.Equal(neighbours, WholeOnes(keyring, Keyrings.Split(keyring, SmallLimits), identity));
                Assert.Equal(neighbours, WholeOnes(keyring, Keyrings.Split(keyring, [1 + (variant * 37)], SmallLimits), identity));
            }
        }
    }

    [Fact]
    public void A_keyring_cut_anywhere_loses_only_what_is_behind_the_cut()
    {
        byte[][] good = [.. Enumerable.Range(0, 3).Select(static seed => CertificateBuilder.Ordinary(seed, seed == 2 ? 6 : 4).Build())];
        byte[] keyring = [.. good.SelectMany(static part => part)];
        var boundaries = new HashSet<int> { 0 };
        for (int offset = 0; offset < keyring.Length; boundaries.Add(offset))
        {
            Assert.Equal(OperationStatus.Done, PacketHeader.TryRead(keyring.AsSpan(offset), out PacketHeader header, out _));
            offset += (int)header.TotalLength;
        }

        int[] ends = [good[0].Length, good[0].Length + good[1].Length, keyring.Length];
        for (int cut = 0; cut <= keyring.Length; cut++)
        {
            List<(int Start, KeyringExtent Extent)> extents = Keyrings.Split(keyring.AsSpan(0, cut));
            int whole = ends.Count(end => end <= cut);

            Assert.Equal(
                good.Take(whole).Select(static c => c.Length),
                extents.Take(whole).Select(static e => e.Extent.CertificateLength));
            Assert.InRange(extents.Count - whole, 0, 1);
            Assert.Equal(!boundaries.Contains(cut), extents.Exists(static e => e.Extent.Error == ParseErrorCode.Truncated));
        }
    }

    [Fact]
    public void What_stands_before_a_cut_off_packet_can_still_be_read()
    {
        byte[] certificate = CertificateBuilder.Ordinary(1).Build();
        int whole = certificate.Length;

        (int _, KeyringExtent extent) = Assert.Single(Keyrings.Split([.. certificate, 0x88, 10, 1, 2, 3]));

        Assert.Equal(new KeyringExtent(whole + 5, whole, ParseErrorCode.Truncated), extent);
    }

    [Fact]
    public void Stray_packets_before_the_first_certificate_are_a_stretch_of_their_own()
    {
        byte[] certificate = CertificateBuilder.Ordinary(1).Build();
        byte[] stray = TestPackets.Frame(PacketTag.Signature, TestPackets.Signature(4, SignatureType.KeyRevocation, 1, default));

        List<(int Start, KeyringExtent Extent)> extents = Keyrings.Split([.. stray, .. certificate]);

        Assert.Equal([stray.Length, certificate.Length], extents.Select(static e => e.Extent.CertificateLength));
        Assert.False(CertificateReader.TryRead(stray, OpenPgpLimits.Default, out _, out ParseError error));
        Assert.Equal(ParseErrorCode.StandaloneRevocation, error.Code);
    }

    [Fact]
    public void Markers_and_padding_before_a_certificate_are_passed_over()
    {
        byte[] certificate = CertificateBuilder.Ordinary(1).Build();
        byte[] ignorable = [.. TestPackets.Frame(PacketTag.Marker, "PGP"u8), .. TestPackets.Frame(PacketTag.Padding, [1, 2, 3])];

        (int start, KeyringExtent extent) = Assert.Single(Keyrings.Split([.. ignorable, .. certificate]));

        Assert.Equal(ignorable.Length, start);
        Assert.Equal(certificate.Length, extent.CertificateLength);
    }

    [Fact]
    public void An_oversized_certificate_is_reported_once()
    {
        byte[] keyring = [.. CertificateBuilder.Ordinary(1).Build(), .. Large(2), .. CertificateBuilder.Ordinary(3).Build()];
        foreach (int piece in (int[])[1, 100, 5_000, keyring.Length])
        {
            List<(int Start, KeyringExtent Extent)> extents = Keyrings.Split(keyring, [piece], SmallLimits);

            Assert.Equal(
                [ParseErrorCode.None, ParseErrorCode.CertificateTooLarge, ParseErrorCode.None],
                extents.Select(static e => e.Extent.Error));
        }
    }

    [Fact]
    public void Damage_inside_an_oversized_certificate_is_not_reported_again()
    {
        byte[] keyring = [.. Large(1), 0x00, 0x01, 0x02, .. CertificateBuilder.Ordinary(2).Build()];
        foreach (int piece in (int[])[1, 100, 5_000, keyring.Length])
        {
            List<(int Start, KeyringExtent Extent)> extents = Keyrings.Split(keyring, [piece], SmallLimits);

            Assert.Equal([ParseErrorCode.CertificateTooLarge, ParseErrorCode.None], extents.Select(static e => e.Extent.Error));
        }
    }

    [Fact]
    public void Bytes_that_only_look_like_a_primary_key_do_not_start_a_certificate()
    {
        byte[] key = TestPackets.PublicKey(4, 1);
        byte[] good = CertificateBuilder.Ordinary(2).Build();
        foreach (byte[] fake in (byte[][])[[.. key, 0], key[..^1], [.. key[..5], 99, .. key[6..]], [7, .. key[1..]], new byte[77].With(0, 4)])
        {
            byte[] keyring = [0x00, .. TestPackets.Frame(PacketTag.PublicKey, fake), 0x88, 0, .. good];

            Assert.Equal(
                [new(keyring.Length - good.Length, 0, ParseErrorCode.BadHeader), new(good.Length, good.Length, ParseErrorCode.None)],
                Keyrings.Split(keyring).Select(static e => e.Extent));
        }

        // The real one does, or the others prove nothing.
        byte[] real = [0x00, .. TestPackets.Frame(PacketTag.PublicKey, key), 0x88, 0, .. good];
        Assert.Equal(3, Keyrings.Split(real).Count);
    }

    [Fact]
    public void A_1_GiB_claim_is_refused_without_waiting_for_it()
    {
        byte[] keyring = [.. new CertificateBuilder(1).Build(), 0xCD, 0xFF, 0x40, 0, 0, 0];
        var splitter = new KeyringSplitter(OpenPgpLimits.Default);

        Assert.Equal(OperationStatus.Done, splitter.TryRead(keyring, isFinal: false, out KeyringExtent extent));
        Assert.Equal(ParseErrorCode.PacketTooLarge, extent.Error);
    }

    [Fact]
    public void Bytes_that_vanish_from_the_buffer_are_a_mistake_of_the_caller()
    {
        var splitter = new KeyringSplitter(OpenPgpLimits.Default);
        byte[] certificate = CertificateBuilder.Ordinary(1).Build();
        Assert.Equal(OperationStatus.NeedMoreData, splitter.TryRead(certificate, isFinal: false, out _));

        Assert.Throws<ArgumentException>(() => splitter.TryRead(certificate.AsSpan(1), isFinal: false, out _));
    }

    [Fact]
    public void A_splitter_begins_afresh_behind_the_end_of_its_input()
    {
        var splitter = new KeyringSplitter(SmallLimits);
        byte[] large = Large(1);
        int start = 0;
        while (splitter.TryRead(large.AsSpan(start), isFinal: true, out KeyringExtent extent) == OperationStatus.Done)
            start += extent.Length;
        Assert.Equal(large.Length, start);

        byte[] stray = TestPackets.Frame(PacketTag.Signature, [1, 2, 3]);
        Assert.Equal(OperationStatus.Done, splitter.TryRead(stray, isFinal: true, out KeyringExtent next));
        Assert.Equal(stray.Length, next.CertificateLength);
    }

    [Fact]
    public void Any_segmentation_gives_the_same_certificates_and_errors() =>
        Gen.Select(GenKeyring, Gen.OneOf(Gen.Int[1, 9], Gen.Int[10, 3_000]).Array[1, 5]).Sample(
            static (keyring, pieces) =>
                Answers(Keyrings.Split(keyring, SmallLimits)).SequenceEqual(Answers(Keyrings.Split(keyring, pieces, SmallLimits))),
            iter: 3_000);

    [Fact]
    public void Real_certificates_arrive_in_any_segmentation()
    {
        byte[] keyring = KeyHashVector.ReadKeyring();
        List<(int Start, KeyringExtent Extent)> whole = Keyrings.Split(keyring);

        foreach (int piece in (int[])[97, 4_096, 65_536])
            Assert.Equal(whole, Keyrings.Split(keyring, [piece]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fake_primary_keys_that_lead_into_long_chains_cost_bounded_work(bool isChainEndSuspect)
    {
        // Each fake stands in the body of one signature and seems to be followed by all packets behind it.
        byte[] fake = TestPackets.Frame(PacketTag.PublicKey, TestPackets.PublicKey(4, 1));
        byte[] hidden = TestPackets.Frame(PacketTag.Signature, [.. fake, 0x88, 0]);
        byte[] chain = [.. Enumerable.Repeat(new byte[] { 0x88, 0 }, 190_000).SelectMany(static x => x)];
        byte[] end = isChainEndSuspect ? TestPackets.Frame(PacketTag.Trust, [1]) : [0x01];
        byte[] keyring = [.. fake, .. Enumerable.Repeat(hidden, 5_000).SelectMany(static x => x), .. chain, .. end];
        var watch = Stopwatch.StartNew();

        List<(int Start, KeyringExtent Extent)> extents = Keyrings.Split(keyring);

        // Without a budget every fake is tried, and 5,000 times 190,000 headers are read.
        Assert.True(extents.Count is > 1 and < 100, $"{extents.Count} extents");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
    }

    [Theory]
    [InlineData(512)]
    [InlineData(65_536)]
    public void A_large_certificate_in_small_pieces_is_walked_once(int piece)
    {
        byte[] packet = TestPackets.Frame(PacketTag.Signature, TestPackets.Filled(82, 1, "signature"));
        byte[] certificate = [.. CertificateBuilder.Ordinary(1).Build(), .. Enumerable.Repeat(packet, 190_000).SelectMany(static x => x)];
        var watch = Stopwatch.StartNew();

        (int _, KeyringExtent extent) = Assert.Single(Keyrings.Split(certificate, [piece]));

        // 16 MiB: walking from the start for every piece reads 3,000,000,000 headers with the smaller ones.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
        Assert.Equal(certificate.Length, extent.CertificateLength);
    }

    [Fact]
    public void A_file_of_start_bytes_is_searched_once()
    {
        byte[] bytes = new byte[2 * 1024 * 1024];
        Array.Fill(bytes, (byte)0x99);
        var watch = Stopwatch.StartNew();

        Keyrings.Split(bytes);
        Keyrings.Split(bytes, [4_096]);

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
    }

    private static Gen<byte[]> GenKeyring { get; } =
        Gen.OneOf(
                Gen.Int[0, 9].Select(
                    static seed => CertificateBuilder.Ordinary(seed, seed % 2 == 0 ? 4 : 6).Build((HeaderFormat)(seed % 4))),
                Gen.Int[0, 9].Select(Large),
                Gen.Select(Gen.Int[0, 9], Gen.Int[0, 11], Gen.Int[0, 19]).Select(
                    static (seed, variant, damage) => Damage(CertificateBuilder.Ordinary(seed).Build(), DamageNames[damage], variant, [])),
                Gen.Byte.Array[0, 300],
                Gen.OneOf((byte)0x98, (byte)0x99, (byte)0xC6, (byte)0x88, (byte)4, (byte)0, (byte)1).Array[0, 100])
            .List[1, 6]
            .Select(static parts => parts.SelectMany(static part => part).ToArray());

    private static byte[] Large(int seed)
    {
        CertificateBuilder builder = CertificateBuilder.Ordinary(seed);
        for (int i = 0; i < 10; i++)
            builder.Attribute(1_000);
        return builder.Build();
    }

    private static byte[] Damage(byte[] certificate, string damage, int variant, byte[] next)
    {
        // All headers have two bytes here. The damage goes to a packet behind the primary key that the variant picks.
        var starts = new List<int>();
        for (int offset = 0; offset < certificate.Length; offset += 2 + certificate[offset + 1])
            starts.Add(offset);

        int packet = starts[1 + (variant % (starts.Count - 1))];
        byte[] head = certificate[..packet];
        byte[] tail = certificate[packet..];
        byte[] changed = [.. certificate];
        byte[] last = certificate[(starts[^1] + 2)..];
        return damage switch
        {
            "cut in the middle" => certificate[..(packet + 2 + (variant % 5))],
            "first byte lost" => certificate[1..],
            "length too short" => changed.With(packet + 1, (byte)(changed[packet + 1] - 1 - (variant % 5))),
            "length too long" => changed.With(packet + 1, (byte)Math.Min(191, changed[packet + 1] + 1 + (variant % 5))),
            "length swallows the next certificate's start" =>
                [.. certificate[..starts[^1]], 0x89, .. Length16(last.Length + Math.Min(next.Length, 40 + variant)), .. last],
            "indeterminate length" => [.. head, 0x8B, .. tail[2..]],
            "partial length" => [.. head, 0xC2, 0xE9, .. tail[2..]],
            "claims 1 GiB" => [.. head, 0xC2, 0xFF, 0x40, 0, 0, 0, .. tail[2..]],
            "claims what comes behind it" => [.. head, 0xC2, 0xFF, 0, 0, 2, (byte)(variant * 20), .. tail[2..]],
            "garbage inserted" => [.. head, 0x00, .. TestPackets.Filled(50 + variant, variant, "garbage"), .. tail],
            "text inserted" => [.. head, .. "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n"u8, .. tail],
            "zeros inserted" => [.. head, .. new byte[1 + variant], .. tail],
            "secret key inserted" => [.. head, .. TestPackets.Frame(PacketTag.SecretKey, TestPackets.PublicKey(4, 99)), .. tail],
            "secret subkey inserted" => [.. head, .. TestPackets.Frame(PacketTag.SecretSubkey, TestPackets.PublicKey(4, 99)), .. tail],
            "too many packets" => [.. certificate, .. Enumerable.Repeat(new byte[] { 0x88, 0 }, 41).SelectMany(static x => x)],
            "too many bytes" => [.. certificate, .. TestPackets.Frame(PacketTag.Signature, new byte[1_999]), .. Large(99)[new CertificateBuilder(99).Build().Length..]],
            "packet too large" => [.. certificate, .. TestPackets.Frame(PacketTag.Signature, new byte[2_100])],
            "trust packet inserted" => [.. head, .. TestPackets.Frame(PacketTag.Trust, [1, 2]), .. tail],
            "primary key of version 5" => changed.With(2, 5),
            "primary key damaged" => changed.With(1, 3),
            _ => throw new UnreachableException(damage),
        };
    }

    private static byte[] Length16(int length) => [(byte)(length >> 8), (byte)length];

    // Without lengths: an error's stretch may be answered in several parts, of which all but the first are empty.
    private static IEnumerable<(int Start, int CertificateLength, ParseErrorCode Error)> Answers(
        List<(int Start, KeyringExtent Extent)> extents) =>
        extents.Select(static e => (e.Start, e.Extent.CertificateLength, e.Extent.Error));

    // What reads, without what is left of the damaged certificate.
    private static SksDigest[] WholeOnes(byte[] keyring, List<(int Start, KeyringExtent Extent)> extents, CertificateIdentity damaged)
    {
        var digests = new List<SksDigest>();
        foreach ((int start, KeyringExtent extent) in extents)
        {
            ReadOnlyMemory<byte> bytes = keyring.AsMemory(start, extent.CertificateLength);
            if (CertificateReader.TryRead(bytes, SmallLimits, out Certificate certificate, out _) && certificate.Identity != damaged)
                digests.Add(certificate.Digest);
        }

        return [.. digests];
    }
}
