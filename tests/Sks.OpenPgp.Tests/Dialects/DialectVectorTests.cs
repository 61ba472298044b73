using System.Security.Cryptography;
using System.Text.Json;
using Sks.TestSupport;

namespace Sks.OpenPgp.Tests.Dialects;

/// <summary>The views of dialects, held against what real servers held of the same uploads: tests/testdata/hockeypuck.</summary>
public class DialectVectorTests
{
    private static readonly string[] KeyringNames = ["debian-keyring", "debian-maintainers", "debian-nonupload", "debian-role-keys"];

    // Cases that differ, and why. Every other one has to agree, and each of these to differ.
    private static readonly Dictionary<string, string> Differences = new()
    {
        ["dup-selfsig"] = Duplicates,
        ["dup-uid"] = Duplicates,
        ["dup-subkey"] = Duplicates,
        ["key-trailing"] = Trailing,
        ["subkey-trailing"] = Trailing,
        ["merge-key-variants-1"] = Trailing,
        ["merge-key-variants-2"] = Trailing,
        ["merge-subkey-variants-1"] = Trailing,
        ["merge-subkey-variants-2"] = Trailing,
        ["marker"] = Grammar,
        ["padding-21"] = Grammar,
        ["unknown-30"] = Grammar,
        ["unknown-60"] = Grammar,
        ["uid-after-subkey"] = Grammar,
        ["indeterminate"] = Grammar,
        ["partial-length"] = Grammar,
        ["junk-after"] = WholeUpload,
        ["sig-first"] = WholeUpload,
        ["truncated-file"] = WholeUpload,
        ["uid-8193-steals"] = "A signature behind a user ID that is too large goes to the one before there; here it stays where it came.",
        ["trust-noisy-sig"] = "A trust packet that the real server knows, behind a signature, is part of its digest; here it is removed on the way in.",
        ["v3-key-shortlen"] = "A version 3 key signed with the real server's own mistake stays there; nobody else makes or takes such signatures.",
        ["merge-barerev"] = "The revocation comes without its certificate: the node finds that, this test does not.",
    };

    private const string Duplicates = "What is twice in a first upload stays twice there until the next merge. The reference advises against it.";
    private const string Trailing = "Octets behind the key's material are not hashed there; here they are part of the key, and its signatures do not verify.";
    private const string Grammar = "Not read here: SKS's grammar does not have it.";
    private const string WholeUpload = "One broken stretch has the whole upload refused there; here what is whole is taken.";

    private static readonly JsonElement[] Cases = [.. ReadJson("synthetic.json").EnumerateArray()];

    public static TheoryData<string, string> CaseNames()
    {
        // Of uploads too large to be recorded there is only a hash.
        var names = new TheoryData<string, string>();
        foreach (JsonElement recorded in Cases.Where(static recorded => recorded.GetProperty("uploads").EnumerateArray().All(static upload => upload.ValueKind == JsonValueKind.String)))
        {
            foreach (Dialect dialect in Dialect.All)
                names.Add(recorded.GetProperty("name").GetString()!, dialect.Name);
        }

        return names;
    }

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Synthetic_case_gives_what_the_real_server_held(string name, string dialectName)
    {
        Assert.True(Dialect.TryFind(dialectName, out Dialect dialect));
        JsonElement recorded = Cases.Single(recorded => recorded.GetProperty("name").GetString() == name);
        SortedSet<string> expected = ReadStored(recorded, dialect);
        var actual = new SortedSet<string>(
            ReadAll([.. recorded.GetProperty("uploads").EnumerateArray().Select(static upload => Convert.FromHexString(upload.GetString()!))])
                .Select(certificate => (certificate.Identity.Fingerprint, View: ViewOf(certificate, dialect)))
                .Where(static held => held.View is not null)
                .Select(static held => $"{held.Fingerprint} {held.View!.Digest}".ToLowerInvariant()),
            StringComparer.Ordinal);
        if (Differences.TryGetValue(name, out string? reason))
            Assert.True(!expected.SetEquals(actual), $"agrees by now: {reason}");
        else
            Assert.Equal(expected, actual);
    }

    [Fact]
    public void Every_listed_difference_is_of_a_case_there_is() =>
        Assert.All(Differences.Keys, static name => Assert.Contains(Cases, recorded => recorded.GetProperty("name").GetString() == name));

    [Fact]
    public void Debian_certificates_give_the_digests_of_the_real_server()
    {
        ILookup<string, JsonElement> recorded = ReadJson("debian-keyrings.json").GetProperty("certificates").EnumerateArray()
            .ToLookup(static certificate => certificate.GetProperty("input_sha256").GetString()!);
        int found = 0;
        List<string> wrong = [];
        foreach (byte[] input in KeyringNames.SelectMany(ReadKeyring))
        {
            foreach (JsonElement expected in recorded[Convert.ToHexStringLower(SHA256.HashData(input))].Take(1))
            {
                found++;
                string? digest = expected.GetProperty("outcome").GetString() == "stored" ? expected.GetProperty("md5").GetString() : null;
                Certificate certificate = Keyrings.ReadOne(input);
                wrong.AddRange(Dialect.All
                    .Where(dialect => ViewOf(certificate, dialect)?.Digest.ToString().ToLowerInvariant() != digest)
                    .Select(dialect => $"{dialect.Name}: {certificate.Identity.Fingerprint}"));
            }
        }

        Assert.Equal([], wrong);
        Assert.True(found > 1000, $"{found} of the recorded certificates are installed");
    }

    [Fact]
    public void View_of_a_view_is_the_view()
    {
        foreach (byte[] input in ReadKeyring("debian-maintainers").Take(60))
        {
            foreach (Dialect dialect in Dialect.All)
            {
                if (ViewOf(Keyrings.ReadOne(input), dialect) is { } view)
                    Assert.Equal(view.ToArray(), ViewOf(view, dialect)!.ToArray());
            }
        }
    }

    private static Certificate? ViewOf(Certificate certificate, Dialect dialect)
    {
        using var examination = new CertificateExamination(certificate.PrimaryKey);
        examination.Add(certificate);
        examination.Advance(long.MaxValue);
        return dialect.View(examination.Verdicts(certificate));
    }

    // As they come in: what cannot be read is left out, versions of one certificate are merged.
    private static List<Certificate> ReadAll(IEnumerable<byte[]> uploads)
    {
        Dictionary<CertificateIdentity, Certificate> held = [];
        foreach (Certificate certificate in uploads.SelectMany(static upload => Keyrings.Read(TrustPackets.Remove(upload))))
        {
            held[certificate.Identity] = held.TryGetValue(certificate.Identity, out Certificate? known)
                ? CertificateMerger.Merge(known, certificate)
                : certificate;
        }

        return [.. held.Values];
    }

    private static SortedSet<string> ReadStored(JsonElement recorded, Dialect dialect)
    {
        JsonElement release = recorded.GetProperty("2.3.3");
        if (dialect == Dialect.Hockeypuck24 && recorded.GetProperty("main").ValueKind == JsonValueKind.Object)
            release = recorded.GetProperty("main");
        return new SortedSet<string>(
            release.GetProperty("stored").EnumerateArray().Select(static stored => $"{stored.GetProperty("fingerprint")} {stored.GetProperty("md5")}"),
            StringComparer.Ordinal);
    }

    private static List<byte[]> ReadKeyring(string name)
    {
        string path = $"/usr/share/keyrings/{name}.gpg";
        if (!File.Exists(path) && Environment.GetEnvironmentVariable("SKS_REQUIRE_INTEROP") != "1")
            Assert.Skip($"{path} is not installed");
        byte[] keyring = File.ReadAllBytes(path);
        return [.. Keyrings.Split(keyring).Select(entry => keyring[entry.Start..(entry.Start + entry.Extent.CertificateLength)])];
    }

    private static JsonElement ReadJson(string file) =>
        JsonDocument.Parse(TestData.Read("hockeypuck", file)).RootElement;
}
