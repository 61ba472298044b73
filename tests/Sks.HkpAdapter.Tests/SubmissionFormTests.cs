using System.Text;
using Sks.HkpAdapter.Http;

namespace Sks.HkpAdapter.Tests;

public class SubmissionFormTests
{
    private const string Form = "application/x-www-form-urlencoded";
    private const string Key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nab+/\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n";

    [Theory]
    [InlineData("keytext=")]
    [InlineData("options=nm&keytext=")]
    [InlineData("x=1&\r\nkeytext=")]
    public void Fields_come_in_any_order(string start) => Assert.Equal(Key, Read(start + Uri.EscapeDataString(Key) + "&y=2", Form));

    [Fact]
    public void Browsers_send_plus_for_blanks() =>
        Assert.Equal(Key, Read("keytext=" + Uri.EscapeDataString(Key).Replace("%20", "+", StringComparison.Ordinal), Form));

    [Fact]
    public void Text_that_was_not_encoded_keeps_its_plus_signs() => Assert.Equal(Key, Read("keytext=" + Key, Form));

    [Fact]
    public void A_plus_beside_escaped_blanks_is_a_plus() =>
        Assert.Equal(Key, Read("keytext=" + Uri.EscapeDataString(Key).Replace("%2B", "+", StringComparison.Ordinal), Form));

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded; charset=UTF-8")]
    [InlineData("nonsense")]
    public void The_content_type_is_only_a_hint(string? contentType) =>
        Assert.Equal(Key, Read("keytext=" + Uri.EscapeDataString(Key), contentType));

    [Theory]
    [InlineData("application/pgp-keys")]
    [InlineData("application/octet-stream")]
    [InlineData("text/plain")]
    public void A_bare_key_is_taken(string contentType) => Assert.Equal(Key, Read(Key, contentType));

    [Fact]
    public void Multipart_forms_are_taken()
    {
        string body = "preamble\r\n--XyZ\r\nContent-Disposition: form-data; name=\"options\"\r\n\r\nmr\r\n"
            + "--XyZ\r\nContent-Disposition: form-data; name=\"keytext\"; filename=\"key.asc\"\r\nContent-Type: text/plain\r\n\r\n" + Key + "\r\n--XyZ--\r\n";
        SubmissionForm form = SubmissionForm.Read(Encoding.Latin1.GetBytes(body), "multipart/form-data; boundary=\"XyZ\"");
        Assert.Equal(Key, Encoding.Latin1.GetString(form.KeyText.Span));
        Assert.Equal(LookupOptions.MachineReadable, form.Options);
    }

    [Theory]
    [InlineData("", Form)]
    [InlineData("foo=bar", Form)]
    [InlineData("keytext", Form)]
    [InlineData("keytext=", Form)]
    [InlineData("--\r\n\r\n", "multipart/form-data")]
    [InlineData("--a", "multipart/form-data; boundary=a")]
    [InlineData("--a--a--a", "multipart/form-data; boundary=a")]
    public void Without_a_key_there_is_none(string body, string contentType) => Assert.Equal("", Read(body, contentType));

    private static string Read(string body, string? contentType) =>
        Encoding.Latin1.GetString(SubmissionForm.Read(Encoding.Latin1.GetBytes(body), contentType).KeyText.Span);
}
