using Sks.OpenPgp;
using Sks.TestSupport;

namespace Sks.Storage.Tests;

/// <summary>What is on disk. A test that fails here means a new <see cref="StoreFormat"/>, not new numbers.</summary>
public class FrozenEncodingTests
{
    private static readonly Certificate Small = new CertificateBuilder(1).UserId("a").BuildCertificate();

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
        Assert.Equal([("Hkp", 1), ("Grpc", 2), ("Import", 3), ("Restriction", 4)], Values<ChangeSource>());
        Assert.Equal([("Primary", 1), ("Subkey", 2)], Values<KeyRole>());
        Assert.Equal(1u, StoreFormat.Current);
    }

    [Fact]
    public void Record_keeps_its_bytes()
    {
        byte[] packets = Small.ToArray();
        Assert.Equal(82, packets.Length);
        Assert.Equal(
            "01" + "01" + "0102030405060708" + "0000007F" + "C4BAD3CBBFB5F4B53503E0A38E4274FC" + "616FA5"
            + "00000001" + "0000002D" + "00000052"
            + Convert.ToHexString(packets)
            + "00000002" + "00" + "0000004F" + "00" + "00000003",
            Convert.ToHexString(CertificateRecord.Encode(Small, 0x0102030405060708)));
    }

    [Fact]
    public void Record_gives_back_what_was_encoded()
    {
        Certificate certificate = TestStore.Certificate(7);
        StoredCertificate stored = CertificateRecord.Decode(certificate.Identity, CertificateRecord.Encode(certificate, 99));
        Assert.Equal(99u, stored.Version);
        Assert.Equal(certificate.Digest, stored.SksDigest);
        Assert.Equal(certificate.ToArray(), stored.FullView.ToArray());
        Assert.Equal(Crc24.Compute(certificate.ToArray()), stored.FullViewCrc24);
        Assert.Equal(certificate.PrimaryKey.CreationTime, stored.ReadCreationTime());
    }

    [Fact]
    public void Cut_or_strange_record_is_corrupt()
    {
        byte[] record = CertificateRecord.Encode(Small, 1);
        for (int length = 0; length < 45 + Small.GetLength(); length++)
            AssertCorrupt(record[..length]);
        AssertCorrupt([2, .. record[1..]]);
        AssertCorrupt([1, 3, .. record[2..]]);
        AssertCorrupt([.. record[..33], 0, 0, 0, 2, .. record[37..]]);
        AssertCorrupt([.. record[..37], 255, 255, 255, 255, .. record[41..]]);
        AssertCorrupt([.. record[..41], 127, 255, 255, 255, .. record[45..]]);

        static void AssertCorrupt(byte[] record) => Assert.Equal(
            StorageErrorKind.Corrupt,
            Assert.Throws<StorageException>(() => CertificateRecord.Decode(Small.Identity, record)).Kind);
    }

    [Fact]
    public void Change_keeps_its_bytes()
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(0x0102030405);
        var change = new Change(7, time, Small.Identity, new SksDigest(1), new SksDigest(2), ChangeSource.Import);
        string identity = Convert.ToHexString(Small.Identity.Span);
        Assert.Equal(
            "0000000102030405" + "03" + "01" + "00000000000000000000000000000001" + "00000000000000000000000000000002" + identity,
            Convert.ToHexString(ChangeCodec.Encode(change)));
        Assert.Equal(change, ChangeCodec.Decode(7, ChangeCodec.Encode(change)));

        Change added = change with { OldDigest = null, Source = ChangeSource.Hkp };
        Assert.Equal(
            "0000000102030405" + "01" + "00" + "00000000000000000000000000000000" + "00000000000000000000000000000002" + identity,
            Convert.ToHexString(ChangeCodec.Encode(added)));
        Assert.Equal(added, ChangeCodec.Decode(7, ChangeCodec.Encode(added)));

        Change removed = change with { NewDigest = null, Source = ChangeSource.Restriction };
        Assert.Equal(
            "0000000102030405" + "04" + "03" + "00000000000000000000000000000001" + "00000000000000000000000000000000" + identity,
            Convert.ToHexString(ChangeCodec.Encode(removed)));
        Assert.Equal(removed, ChangeCodec.Decode(7, ChangeCodec.Encode(removed)));
    }

    [Fact]
    public void Keys_keep_their_bytes()
    {
        Assert.True(Fingerprint.TryParse("000102030405060708090A0B0C0D0E0F10111213", out Fingerprint fingerprint));
        AssertHex("00" + "0000000000000000000000000000ABCD", KeyCodec.Digest(new SksDigest(0xABCD)));
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
            Assert.Equal(["format", "hour:0000492324", "state"], meta.Keys.Order(StringComparer.Ordinal));
            Assert.Equal("00000001", meta["format"]);
            Assert.Equal($"{newest.Incarnation:X16}" + "0000000000000001" + "0000000000000000" + "0000000000000001", meta["state"]);
            Assert.Equal("0000000000000001" + "0000000000000000", meta["hour:0000492324"]);
        });
    }

    private static void AssertHex(string expected, byte[] actual) => Assert.Equal(expected, Convert.ToHexString(actual));

    private static IEnumerable<(string, int)> Values<T>()
        where T : struct, Enum =>
        Enum.GetValues<T>().Select(static value => (value.ToString(), Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture)));
}
