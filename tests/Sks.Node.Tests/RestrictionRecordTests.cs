using Sks.Node.Restrictions;
using Sks.OpenPgp;
using Sks.TestSupport;

namespace Sks.Node.Tests;

public class RestrictionRecordTests
{
    // Made for this test and used nowhere else.
    private const string KeyPem =
        """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgHpTleBPkOiJQpKNq
        6xCyuRkdmUntuPTn//++Lm9+hC2hRANCAASmSdAtOJK4HY5PY82Mu8rH25Pa5dJ7
        CkizKwXVjNt2O8ENGSmfi9KKBr2KRH5kI0u5LPv10+XeSdsDhvyw8Sl8
        -----END PRIVATE KEY-----
        """;

    private const string PublicKey = "3059301306072A8648CE3D020106082A8648CE3D03010703420004A649D02D3892B81D8E4F63CD8CBBCAC7DB93DAE5D2" +
        "7B0A48B32B05D58CDB763BC10D19299F8BD28A06BD8A447E64234BB92CFBF5D3E5DE49DB0386FCB0F1297C";
    private const string Signature = "B85AB4A467C75E5000E9B00F75B35E8A5E066F7E1EF3A4FE5974C9E4253194B3B11A1E194121E9ED50F5EF3F8C61A5CD19DC4D15E7BC6C413D81EE5C90123EDF";
    private const string FingerprintHex = "000102030405060708090A0B0C0D0E0F10111213";
    private static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeMilliseconds(0x0102030405);

    // SHA-256 of "anna@example.org".
    private const string AddressHash = "A3BF86238A1C59BD2F0A648AF9293620F90D18DAD133D8FE2341CF9664A5D6D0";

    private static string Golden =>
        "01" + "02" + "0000000000000007" + "0000000102030405" + "01" + "15" + "04" + FingerprintHex + "005B" + PublicKey;

    [Fact]
    public void Record_keeps_its_bytes()
    {
        RestrictionRecord record = RestrictionRecord.TryRead(Convert.FromHexString(Golden + Signature))!;
        Assert.True(record.IsSigned());
        Assert.Equal((RestrictionKind.Erase, 7UL, Time), (record.Kind, record.Sequence, record.Time));
        Assert.Equal(new RestrictionSubject.Certificate(ReadFingerprint()), record.Subject);
        Assert.Equal(NodeId.Of(Convert.FromHexString(PublicKey)), record.Origin);
    }

    [Fact]
    public void Issued_record_has_the_frozen_bytes_and_is_signed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.Combine("node-key.pem"), KeyPem);
        using NodeIdentity identity = NodeIdentity.LoadOrCreate(folder.Path, TimeProvider.System);
        var subject = new RestrictionSubject.Certificate(ReadFingerprint());
        RestrictionRecord record = RestrictionRecord.Create(identity, 7, Time, RestrictionKind.Erase, subject);
        Assert.Equal(Golden, Convert.ToHexString(record.Bytes.Span[..^64]));
        Assert.True(record.IsSigned());
    }

    [Fact]
    public void Subjects_keep_their_bytes()
    {
        TextHash hash = TextHash.OfIdentity(" Anna@Example.ORG ");
        Assert.Equal(AddressHash, Convert.ToHexString(hash.ToArray()));
        Assert.Equal(TextHash.Of("anna@example.org"u8), hash);
        AssertSubject(1, "04" + FingerprintHex, new RestrictionSubject.Certificate(ReadFingerprint()));
        AssertSubject(2, "04" + FingerprintHex + AddressHash, new RestrictionSubject.UserId(ReadFingerprint(), hash));
        AssertSubject(3, AddressHash, new RestrictionSubject.Identity(hash));

        static void AssertSubject(byte type, string hex, RestrictionSubject subject)
        {
            Assert.Equal((type, hex), (subject.Type, Convert.ToHexString(subject.Content)));
            Assert.Equal(subject, RestrictionSubject.TryRead(type, subject.Content));
        }
    }

    [Fact]
    public void Every_changed_byte_is_noticed()
    {
        byte[] bytes = Convert.FromHexString(Golden + Signature);
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] changed = [.. bytes];
            changed[i] ^= 1;
            Assert.NotEqual(true, RestrictionRecord.TryRead(changed)?.IsSigned());
            Assert.Null(RestrictionRecord.TryRead(bytes.AsMemory(0, i)));
        }

        Assert.Null(RestrictionRecord.TryRead((byte[])[.. bytes, 0]));
    }

    [Fact]
    public void Note_keeps_its_bytes()
    {
        var note = new RestrictionNote(true, Time, "anna", "§ 5", MustBeConfirmed: true, Time.AddMilliseconds(1), "b");
        Assert.Equal(
            "01" + "03" + "0000000102030405" + "0000000102030406" + "0004616E6E61" + "0004C2A72035" + "000162",
            Convert.ToHexString(note.Encode()));
        Assert.Equal(note, RestrictionNote.TryRead(note.Encode()));
        Assert.Null(RestrictionNote.TryRead(note.Encode().AsSpan()[..^1]));
        var plain = new RestrictionNote(false, Time, "", "");
        Assert.Equal(plain, RestrictionNote.TryRead(plain.Encode()));
    }

    [Fact]
    public void Node_keeps_its_key_pair()
    {
        using var folder = new TemporaryFolder();
        using NodeIdentity made = NodeIdentity.LoadOrCreate(folder.Path, TimeProvider.System);
        using NodeIdentity read = NodeIdentity.LoadOrCreate(folder.Path, TimeProvider.System);
        Assert.Equal(made.Id, read.Id);
        Assert.Equal(made.Certificate.Thumbprint, read.Certificate.Thumbprint);
        Assert.Equal($"CN={made.Id}", made.Certificate.Subject);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.Combine("node-key.pem")));

        // A crash between the two files.
        File.Delete(folder.Combine("node.pem"));
        using NodeIdentity mended = NodeIdentity.LoadOrCreate(folder.Path, TimeProvider.System);
        Assert.Equal(made.Id, mended.Id);
        File.Delete(folder.Combine("node-key.pem"));
        Assert.Throws<Storage.StorageException>(() => NodeIdentity.LoadOrCreate(folder.Path, TimeProvider.System));
    }

    private static Fingerprint ReadFingerprint() =>
        Fingerprint.TryParse(FingerprintHex, out Fingerprint fingerprint) ? fingerprint : throw new InvalidOperationException();
}
