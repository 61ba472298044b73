using System.Buffers;
using System.Text;
using Sks.HkpAdapter.Http;
using Sks.HkpAdapter.Pages;

namespace Sks.HkpAdapter.Tests;

public class MarkupTests
{
    [Theory]
    [InlineData("<script>alert(\"x\")</script> & 'y' `z`", "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#x27;y&#x27; &#x60;z&#x60;")]
    [InlineData("a\r\nb\0c", "a\\x0D\\x0Ab\\x00c")]
    [InlineData("abc\u202Ecba\u2066", "abc\\u{202E}cba\\u{2066}")]
    [InlineData("Jürgen Ж 漢 🙂", "Jürgen Ж 漢 🙂")]
    public void Holes_are_escaped(string text, string expected)
    {
        var html = new Markup();
        html.Add($"<b>{text}</b>");
        Assert.Equal($"<b>{expected}</b>", Encoding.UTF8.GetString(html.Written.Span));
    }

    [Theory]
    [InlineData("Eco Test <eco@example.org>", "Eco%20Test%20%3Ceco%40example.org%3E")]
    [InlineData("a:b%c+d\r\npub:x", "a%3Ab%25c%2Bd%0D%0Apub%3Ax")]
    [InlineData("Az09-._~", "Az09-._~")]
    [InlineData("ö", "%C3%B6")]
    public void Machine_indexes_percent_encode_user_ids(string userId, string expected)
    {
        var output = new ArrayBufferWriter<byte>();
        MachineIndex.PercentEncode(Encoding.UTF8.GetBytes(userId), output);
        Assert.Equal(expected, Encoding.ASCII.GetString(output.WrittenSpan));
    }
}
