using System.Text;
using CsCheck;
using Sks.TestSupport;

namespace Sks.OpenPgp.Tests;

public sealed class WordsAndUserIdTests
{
    [Theory]
    [InlineData("Kjäll", "kj\u00E3|ll")]
    [InlineData("KJÄLL", "kj\u00E3|ll")]
    [InlineData("Alexander Kjäll <alexander.kjall@gmail.com>", "alexander|kj\u00E3|ll|alexander|kjall|gmail|com")]
    [InlineData("a1_B2-c3", "a1|b2|c3")]
    [InlineData("x", "x")]
    [InlineData("", "")]
    [InlineData(" -<>@. ", "")]
    public void UTF_8_text_is_cut_as_SKS_cuts_it(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', Cut(Encoding.UTF8.GetBytes(text))));

    [Theory]
    [InlineData("J\u00D6RG", "j\u00F6rg")]
    [InlineData("\u00C0\u00D6\u00D7\u00D8\u00DE\u00DF\u00FF", "\u00E0\u00F6\u00D7\u00F8\u00FE\u00DF\u00FF")]
    [InlineData("a\u0080b\u00BFc", "a|b|c")]
    public void Latin_1_text_is_folded_as_SKS_folds_it(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', Cut(Encoding.Latin1.GetBytes(text))));

    [Theory]
    [InlineData("Kj%C3%A4ll", true)]
    [InlineData("KJ%C3%84LL", true)]
    [InlineData("kjall", true)]
    [InlineData("kja", false)]
    [InlineData("kj", false)]
    public void Queries_find_what_SKS_found(string escaped, bool found)
    {
        HkpExchange exchange = HkpExchange.ReadAll().Single(e => e.Name == $"/pks/lookup?op=index&options=mr&search={escaped}");
        Assert.Equal(found, exchange.Response.Contains("uid:Alexander Kj%C3%A4ll", StringComparison.Ordinal));

        List<string> stored = Cut(Encoding.UTF8.GetBytes("Alexander Kjäll <alexander.kjall@gmail.com>"));
        List<string> wanted = Cut(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(escaped)));

        Assert.Equal(found, wanted.TrueForAll(stored.Contains));
    }

    [Fact]
    public void Words_are_never_empty_and_cutting_them_again_changes_nothing() =>
        Gen.Byte.Array[0, 60].Sample(
            static text =>
            {
                List<string> words = Cut(text);
                return words.TrueForAll(static word => word.Length > 0 && Cut(Encoding.Latin1.GetBytes(word)).SequenceEqual([word]));
            },
            iter: 5_000);

    [Theory]
    [InlineData("Jörg", "4AC3B67267")]
    [InlineData("Jörg", "4AF67267")]
    [InlineData("\u00C3\u0080\u00FF", "C380FF")]
    [InlineData("", "")]
    public void Text_is_UTF_8_or_else_Latin_1(string expected, string bytes) =>
        Assert.Equal(expected, UserIdText.Decode(Convert.FromHexString(bytes)));

    [Theory]
    [InlineData("Name <a@example.org>", "a@example.org")]
    [InlineData("Name (comment) < a@example.org >", "a@example.org")]
    [InlineData("<a@example.org>", "a@example.org")]
    [InlineData("a@example.org", "a@example.org")]
    [InlineData(" a@example.org\n", "a@example.org")]
    [InlineData("Jörg <jörg@exämple.org>", "jörg@exämple.org")]
    public void An_address_is_found(string userId, string expected)
    {
        Assert.True(UserIdText.TryFindAddress(userId, out string address));
        Assert.Equal(expected, address);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Name")]
    [InlineData("Name a@example.org")]
    [InlineData("Name <>")]
    [InlineData("Name <@example.org>")]
    [InlineData("Name <a@>")]
    [InlineData("Name <a@b@example.org>")]
    [InlineData("<a@example.org> <b@example.org>")]
    [InlineData("<<a@example.org>>")]
    [InlineData("> a@example.org <")]
    [InlineData("<a@example.org")]
    [InlineData("<a@example.org\r\nBcc: b@example.org>")]
    [InlineData("<a@example.org\0>")]
    [InlineData("<a@exa\u00A0mple.org>")]
    public void What_is_not_clearly_one_address_is_none(string userId)
    {
        Assert.False(UserIdText.TryFindAddress(userId, out string address));
        Assert.Equal("", address);
    }

    [Fact]
    public void Texts_that_differ_in_case_and_margins_normalise_alike() =>
        Assert.Equal(UserIdText.Normalise("jörg <j@example.org>"), UserIdText.Normalise(" JÖRG <J@Example.ORG>\n"));

    private static List<string> Cut(byte[] text)
    {
        var words = new List<string>();
        Span<byte> rest = [.. text];
        while (SksWords.TryTake(ref rest, out ReadOnlySpan<byte> word))
            words.Add(Encoding.Latin1.GetString(word));
        return words;
    }
}
