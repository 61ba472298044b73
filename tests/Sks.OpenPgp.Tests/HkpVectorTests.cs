using System.Text;
using System.Text.RegularExpressions;
using Sks.TestSupport;

namespace Sks.OpenPgp.Tests;

/// <summary>Submissions to a real SKS and its answers: what it stored, what it refused, how it writes armor.</summary>
public sealed partial class HkpVectorTests
{
    private static readonly IReadOnlyList<HkpExchange> Exchanges = HkpExchange.ReadAll();

    [Theory]
    [InlineData("dup-uid-and-sigs")]
    [InlineData("dup-sig-single-uid")]
    [InlineData("uid-order")]
    public void Odd_certificates_have_the_digest_and_bytes_that_SKS_gives_them(string name)
    {
        Certificate certificate = Keyrings.ReadOne(ReadSubmission($"add odd: {name}"));
        string index = Find($"odd index: {name}").Response;
        byte[] stored = Assert.Single(Armor.Read(Find($"odd get: {name}").ResponseBody))!;

        Assert.Equal(HashLink().Match(index).Groups[1].Value, certificate.Digest.ToString());
        Assert.Equal(stored, certificate.ToArray());
    }

    [Theory]
    [InlineData("subkey-before-uid", ParseErrorCode.UnexpectedPacket)]
    [InlineData("v3-with-subkey", ParseErrorCode.UnexpectedPacket)]
    [InlineData("trust-packet-inside", ParseErrorCode.UnexpectedPacket)]
    [InlineData("version-5-key", ParseErrorCode.UnsupportedKeyVersion)]
    [InlineData("standalone-revocation", ParseErrorCode.StandaloneRevocation)]
    [InlineData("standalone-signature", ParseErrorCode.NoPrimaryKey)]
    [InlineData("uid-first", ParseErrorCode.NoPrimaryKey)]
    [InlineData("secret-key", ParseErrorCode.SecretKey)]
    [InlineData("private-packet-60", ParseErrorCode.UnexpectedPacket)]
    public void Bad_certificates_are_rejected_by_name(string name, ParseErrorCode expected)
    {
        Assert.Contains("Add failed", Find($"add bad: {name}").Response, StringComparison.Ordinal);
        byte[] submission = ReadSubmission($"add bad: {name}");
        (int start, KeyringExtent extent) = Keyrings.Split(submission)[0];
        Assert.Equal(ParseErrorCode.None, extent.Error);

        bool read = CertificateReader.TryRead(
            submission.AsMemory(start, extent.CertificateLength), OpenPgpLimits.Default, out _, out ParseError error);

        Assert.False(read);
        Assert.Equal(expected, error.Code);
        Assert.InRange(error.Offset, 0, extent.CertificateLength - 1);
    }

    [Fact]
    public void Every_bad_submission_of_the_capture_is_covered()
    {
        // marker-first has a test of its own: SKS takes the certificate behind the marker, and so do we.
        Assert.Equal(10, Exchanges.Count(static e => e.Name.StartsWith("add bad: ", StringComparison.Ordinal)));
        Assert.Equal(3, Exchanges.Count(static e => e.Name.StartsWith("add odd: ", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_marker_before_a_certificate_does_not_spoil_it()
    {
        Assert.Contains("1 key(s) added", Find("add bad: marker-first").Response, StringComparison.Ordinal);

        Assert.Single(Keyrings.Read(ReadSubmission("add bad: marker-first")));
    }

    [Fact]
    public void Both_neighbours_of_a_bad_certificate_are_kept()
    {
        Assert.Contains("2 key(s) added", Find("add good+bad+good").Response, StringComparison.Ordinal);

        Assert.Equal(2, Keyrings.Read(ReadSubmission("add good+bad+good")).Select(static c => c.Identity).Distinct().Count());
    }

    [Fact]
    public void A_partial_length_is_refused()
    {
        (int _, KeyringExtent extent) = Assert.Single(Keyrings.Split(ReadSubmission("add with partial-length packet")));

        Assert.Equal(ParseErrorCode.UnsupportedLength, extent.Error);
        Assert.Equal(0, extent.CertificateLength);
    }

    [Fact]
    public void New_format_headers_are_written_as_SKS_does()
    {
        byte[] submission = ReadSubmission("add key encoded with new-format headers");
        byte[] stored = Assert.Single(Armor.Read(Find("get of it: re-encoded with old-format headers").ResponseBody))!;
        Assert.NotEqual(stored, submission);

        Assert.Equal(stored, Keyrings.ReadOne(submission).ToArray());
    }

    [Fact]
    public void Adding_a_superset_gives_the_union_that_SKS_serves()
    {
        Certificate first = Keyrings.ReadOne(ReadSubmission("add new key"));
        Certificate superset = Keyrings.ReadOne(ReadSubmission("add superset (merge)"));
        Certificate subset = Keyrings.ReadOne(ReadSubmission("add subset of what is stored (older version again)"));
        byte[] stored = Assert.Single(Armor.Read(Find("get after merge").ResponseBody))!;

        Certificate merged = CertificateMerger.Merge(CertificateMerger.Merge(first, superset), subset);

        Assert.Equal(Keyrings.ReadOne(stored).Digest, merged.Digest);
        Assert.Equal(stored, merged.ToArray());
    }

    [Fact]
    public void Armor_is_written_as_SKS_writes_it()
    {
        HkpExchange[] answers = [.. Exchanges.Where(static e => e.Response.Contains("\r\n\r\n-----BEGIN", StringComparison.Ordinal))];
        Assert.True(answers.Length >= 15, $"{answers.Length} armored answers");

        foreach (HkpExchange answer in answers)
        {
            byte[] binary = Assert.Single(Armor.Read(answer.ResponseBody))!;
            string expected = Encoding.Latin1.GetString(answer.ResponseBody);
            Assert.Equal(expected, Encoding.Latin1.GetString(Armor.Write(binary)).TrimEnd('\n') + "\r\n");
        }
    }

    [Theory]
    [InlineData("add with armor headers and leading junk")]
    [InlineData("add with CRLF armor")]
    [InlineData("add with only plus escaped")]
    [InlineData("add with extra form field after keytext")]
    [InlineData("add with field before keytext")]
    [InlineData("add without CRC line")]
    [InlineData("add with wrong CRC")]
    public void Submissions_that_clients_send_in_all_their_forms_are_read(string name) =>
        Assert.Single(Keyrings.Read(ReadSubmission(name)));

    [Theory]
    [InlineData("add two keys in one armor", 1, 2)]
    [InlineData("add two armor blocks: only the first is read", 2, 1)]
    public void Several_blocks_and_several_certificates_are_all_read(string name, int blocks, int certificatesEach)
    {
        List<byte[]?> found = Armor.Read(Find(name).ReadKeyText());

        Assert.Equal(blocks, found.Count);
        Assert.All(found, block => Assert.Equal(certificatesEach, Keyrings.Read(block!).Count));
    }

    [Fact]
    public void A_truncated_certificate_is_reported_as_such()
    {
        (int _, KeyringExtent extent) = Assert.Single(Keyrings.Split(ReadSubmission("add truncated key")));

        Assert.Equal(ParseErrorCode.Truncated, extent.Error);
    }

    [Fact]
    public void Every_certificate_of_the_data_set_reads()
    {
        byte[] keyring = TestData.Read("hkp", "dataset.pgp");

        Assert.All(Keyrings.Split(keyring), static e => Assert.Equal(ParseErrorCode.None, e.Extent.Error));
        Assert.Equal(Keyrings.Split(keyring).Count, Keyrings.Read(keyring).Count);
    }

    private static HkpExchange Find(string name) => Exchanges.Single(e => e.Name == name);

    private static byte[] ReadSubmission(string name) => Armor.Read(Find(name).ReadKeyText())[0]!;

    [GeneratedRegex("Hash=<a href=[^>]*>([0-9A-F]{32})")]
    private static partial Regex HashLink();
}
