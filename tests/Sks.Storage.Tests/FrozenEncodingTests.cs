using Sks.OpenPgp;
using Sks.Reconciliation;
using Sks.TestSupport;

namespace Sks.Storage.Tests;

/// <summary>What is on disk. A test that fails here means a new <see cref="StoreFormat"/>, not new numbers.</summary>
public class FrozenEncodingTests
{
    // No builder: its bytes may change, these may not.
    private static readonly Certificate Small = Keyrings.ReadOne((byte[])
        [.. TestPackets.Frame(PacketTag.PublicKey, TestPackets.PublicKey(4, 1)), .. TestPackets.Frame(PacketTag.UserId, "a"u8)]);

    [Fact]
    public void Families_keep_their_names()
    {
        Assert.Equal(
            [
                "certificates", "sks-digests", "content-digests", "key-ids", "identities", "words", "tree", "changes", "outbox",
                "restrictions", "links", "meta",
            ],
            FamilyNames.All.Select(static family => family.Name));
        Assert.Equal(Enum.GetValues<Family>(), FamilyNames.All.Select(static family => family.Family));
    }

    [Fact]
    public void Enums_keep_their_values()
    {
        Assert.Equal(
            [("Hkp", 1), ("Grpc", 2), ("Import", 3), ("Restriction", 4), ("Upgrade", 5), ("SksPeer", 6), ("Peer", 7), ("Mail", 8), ("PksPush", 9)],
            Values<ChangeSource>());
        Assert.Equal([("Primary", 1), ("Subkey", 2)], Values<KeyRole>());
        Assert.Equal(4u, StoreFormat.Current);
        Assert.Equal(2, CertificateExamination.RulesVersion);
    }

    [Fact]
    public void Change_keeps_its_bytes()
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(0x0102030405);
        ContentDigest oldContent = ContentDigest.Read(Enumerable.Repeat((byte)0xAA, 32).ToArray());
        ContentDigest newContent = ContentDigest.Read(Enumerable.Repeat((byte)0xBB, 32).ToArray());
        var change = new Change(7, time, Small.Identity, new SksDigest(1), new SksDigest(2), ChangeSource.Import, 3, oldContent, newContent);
        string start = "0000000102030405" + "03";
        string identity = Convert.ToHexString(Small.Identity.Span);
        AssertFrozen(
            start + "8F" + "00000003" + $"{1:X32}" + $"{2:X32}" + oldContent + newContent + identity,
            change);
        AssertFrozen(start + "82" + "00000003" + $"{2:X32}" + identity, change with { OldDigest = null, OldContent = null, NewContent = null });
        AssertFrozen(
            start + "88" + "00000003" + newContent + identity,
            change with { OldDigest = null, NewDigest = null, OldContent = null });
        AssertFrozen(start + "81" + "00000003" + $"{1:X32}" + identity, change with { NewDigest = null, OldContent = null, NewContent = null });

        static void AssertFrozen(string expected, Change change)
        {
            byte[] encoded = ChangeCodec.Encode(change);
            Assert.Equal(expected, Convert.ToHexString(encoded));
            Assert.Equal(change, ChangeCodec.Decode(7, encoded));
        }
    }

    [Fact]
    public void Changes_of_format_1_are_read()
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(0x0102030405);
        string identity = Convert.ToHexString(Small.Identity.Span);
        Assert.Equal(
            new Change(7, time, Small.Identity, new SksDigest(1), new SksDigest(2), ChangeSource.Import, 0, null, null),
            ChangeCodec.Decode(7, Convert.FromHexString("0000000102030405" + "03" + "01" + $"{1:X32}" + $"{2:X32}" + identity)));
        Assert.Equal(
            new Change(7, time, Small.Identity, null, new SksDigest(2), ChangeSource.Hkp, 0, null, null),
            ChangeCodec.Decode(7, Convert.FromHexString("0000000102030405" + "01" + "00" + $"{0:X32}" + $"{2:X32}" + identity)));
    }

    [Fact]
    public void Keys_keep_their_bytes()
    {
        Assert.True(Fingerprint.TryParse("000102030405060708090A0B0C0D0E0F10111213", out Fingerprint fingerprint));
        AssertHex("00" + "0000000000000000000000000000ABCD", KeyCodec.Digest(new SksDigest(0xABCD)));
        ContentDigest content = ContentDigest.Read(Enumerable.Range(0, 32).Select(static i => (byte)i).ToArray());
        AssertHex("00" + "00", KeyCodec.TreeNode(Prefix.Root));
        AssertHex("00" + "02" + "80", KeyCodec.TreeNode(new Prefix(UInt128.MaxValue << 127, 2)));
        AssertHex("00" + "0A" + "FFC0", KeyCodec.TreeNode(new Prefix(UInt128.MaxValue, 10)));
        AssertHex("00" + "80" + "0000000000000000000000000000ABCD", KeyCodec.TreeNode(new Prefix(0xABCD, 128)));
        AssertHex("00000203" + "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", KeyCodec.Digest(0x203, content));
        AssertHex("04" + "000102030405060708090A0B0C0D0E0F10111213", KeyCodec.IdentityPrefix(4, fingerprint));
        AssertHex("01" + "0102030405060708" + "01", KeyCodec.KeyIdPrefix(new KeyId(0x0102030405060708), KeyRole.Primary));
        AssertHex("01" + "0102030405060708" + "02", KeyCodec.KeyIdPrefix(new KeyId(0x0102030405060708), KeyRole.Subkey));
        AssertHex("02" + "14" + "000102030405060708090A0B0C0D0E0F10111213", KeyCodec.SubkeyFingerprintPrefix(fingerprint));
        // SHA-256 of "a@b.c" and of "anna <a@b.c>".
        AssertHex("01" + "D648B243A3E817EAA3309E00E183483F", KeyCodec.AddressPrefix(" A@B.c"));
        AssertHex("02" + "45EBFB54C42EE7E105D276D8E0A834B7", KeyCodec.UserIdPrefix("Anna <a@b.c>"));
        AssertHex("616263" + "00", KeyCodec.WordPrefix("abc"u8));
        AssertHex(string.Concat(Enumerable.Repeat("78", 48)) + "00", KeyCodec.WordPrefix(new string('x', 48).Select(static c => (byte)c).ToArray()));
        AssertHex("01" + "55BB9823E68E05F71C105395B87283AF" + "00", KeyCodec.WordPrefix(new string('x', 49).Select(static c => (byte)c).ToArray()));
        AssertHex("0000000000000102", KeyCodec.Sequence(0x102));
        AssertHex("01" + "AABB" + "0000000000000102", KeyCodec.Restriction([0xAA, 0xBB], 0x102));
        AssertHex("02" + "AABB" + "0000000000000102", KeyCodec.RestrictionNote([0xAA, 0xBB], 0x102));
        AssertHex("FF" + Convert.ToHexString(Small.Identity.Span), KeyCodec.WithIdentity([0xFF], Small.Identity));
    }

    [Fact]
    public async Task Counters_keep_their_bytes()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(Small, TestContext.Current.CancellationToken);
        ChangeCursor newest = test.Store.Newest;
        await test.WhileClosedAsync(folder =>
        {
            Dictionary<string, string> meta = RawStore.Read(folder, Family.Meta)
                .ToDictionary(static row => System.Text.Encoding.ASCII.GetString(row.Key), static row => Convert.ToHexString(row.Value));
            Assert.Equal(["format", "hour:0000492324", "state", "tree", "views"], meta.Keys.Order(StringComparer.Ordinal));
            Assert.Equal("00000004", meta["format"]);
            Assert.Equal("00000005" + "00000002" + "00000032" + "0000000000000001", meta["tree"]);
            Assert.Equal("02" + "00000001", meta["views"]);
            Assert.Equal($"{newest.Incarnation:X16}" + "0000000000000001" + "0000000000000000" + "0000000000000001" + "00000001", meta["state"]);
            Assert.Equal("0000000000000001" + "0000000000000000", meta["hour:0000492324"]);
        });
    }

    [Fact]
    public void Nodes_keep_their_bytes()
    {
        // A leaf with the numbers 3 and 2^128 - 1, sampled at 0 and -1.
        var shape = new TreeShape(Mbar: 1);
        Element[] elements = [Element.Read([3, .. new byte[15]]), new(UInt128.MaxValue)];
        TreeNode leaf = MemoryNodeStore.Build(elements, shape).Find(Prefix.Root)!;
        string head = "0000000000000002" + "E2BC5ACF267AE03620E074781BEFE27001" + "CA79B59E4DF4C06D40C0E9F036DEC5E100";
        AssertFrozen(head + "03" + new string('0', 30) + new string('F', 32), leaf, shape);
        AssertFrozen(head, leaf with { Elements = null }, shape);

        static void AssertFrozen(string expected, TreeNode node, TreeShape shape)
        {
            byte[] encoded = NodeCodec.Encode(node);
            AssertHex(expected, encoded);
            TreeNode decoded = NodeCodec.Decode(node.Prefix, encoded, shape);
            Assert.Equal(node.Samples, decoded.Samples);
            Assert.Equal(node.Elements, decoded.Elements);
            Assert.Equal((node.Prefix, node.Count), (decoded.Prefix, decoded.Count));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("0000000000000001" + "0000000000000000000000000000000000")]
    [InlineData("0000000000000000" + "0100000000000000000000000000000000" + "0100000000000000000000000000000000")]
    [InlineData("0000000000000002" + "0100000000000000000000000000000000" + "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF01")]
    [InlineData("0000000000000002" + "0100000000000000000000000000000000" + "0100000000000000000000000000000000" + "01")]
    [InlineData("7000000000000001" + "0100000000000000000000000000000000" + "0100000000000000000000000000000000" + "00000000000000000000000000000001")]
    public void Damaged_node_is_told(string value) => Assert.Equal(
        StorageErrorKind.Corrupt,
        Assert.Throws<StorageException>(() => NodeCodec.Decode(Prefix.Root, Convert.FromHexString(value), new TreeShape(Mbar: 1))).Kind);

    private static void AssertHex(string expected, byte[] actual) => Assert.Equal(expected, Convert.ToHexString(actual));

    private static IEnumerable<(string, int)> Values<T>()
        where T : struct, Enum =>
        Enum.GetValues<T>().Select(static value => (value.ToString(), Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture)));
}
