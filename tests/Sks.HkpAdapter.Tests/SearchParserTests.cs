using System.Text;
using Sks.HkpAdapter.Http;

namespace Sks.HkpAdapter.Tests;

public class SearchParserTests
{
    [Theory]
    [InlineData("0x1383962CE7B7087F", "1383962CE7B7087F")]
    [InlineData("0X1383962ce7b7087f", "1383962CE7B7087F")]
    [InlineData("1383962CE7B7087F", "1383962CE7B7087F")]
    [InlineData("0x1383%20962C%20E7B7%20087F", "1383962CE7B7087F")]
    public void Sixteen_digits_are_a_key_id(string encoded, string keyId)
    {
        SearchTerm term = SearchParser.Parse(encoded);
        Assert.Equal(SearchTermKind.KeyId, term.Kind);
        Assert.Equal(keyId, term.KeyId.ToString());
    }

    [Theory]
    [InlineData("0xA1C86CC0AE3D35BCE804D5F91383962CE7B7087F")]
    [InlineData("a1c86cc0ae3d35bce804d5f91383962ce7b7087f")]
    [InlineData("A1C8+6CC0+AE3D+35BC+E804++D5F9+1383+962C+E7B7+087F")]
    [InlineData("0xF959D2F3EDFE2F55A4A4E82E783277B5")]
    [InlineData("0xA1C86CC0AE3D35BCE804D5F91383962CE7B7087FA1C86CC0AE3D35BCE804D5F9")]
    public void Digits_of_a_fingerprint_are_one(string encoded)
    {
        SearchTerm term = SearchParser.Parse(encoded);
        Assert.Equal(SearchTermKind.Fingerprint, term.Kind);
        string digits = encoded.Replace("+", "", StringComparison.Ordinal).Replace("0x", "", StringComparison.Ordinal);
        Assert.Equal(digits, term.Fingerprint.ToString(), ignoreCase: true);
    }

    [Fact]
    public void Eight_digits_are_a_short_key_id() => Assert.Equal(SearchTermKind.ShortKeyId, SearchParser.Parse("0xE7B7087F").Kind);

    [Theory]
    [InlineData("0x")]
    [InlineData("0x12")]
    [InlineData("0x1234567")]
    [InlineData("0xZZZZZZZZ")]
    [InlineData("0x123456789012")]
    public void Other_text_behind_0x_is_refused(string encoded) => Assert.Equal(SearchTermKind.BadHex, SearchParser.Parse(encoded).Kind);

    [Fact]
    public void Short_digits_among_words_are_a_word() => Assert.Equal(SearchTermKind.Text, SearchParser.Parse("0x12345678+debian").Kind);

    [Theory]
    [InlineData("", SearchTermKind.Empty)]
    [InlineData("%20+", SearchTermKind.Empty)]
    public void Nothing_is_nothing(string encoded, object kind) => Assert.Equal((SearchTermKind)kind, SearchParser.Parse(encoded).Kind);

    [Fact]
    public void Text_is_bounded()
    {
        Assert.Equal(SearchTermKind.Text, SearchParser.Parse(new string('a', 1024)).Kind);
        Assert.Equal(SearchTermKind.TooLong, SearchParser.Parse(new string('a', 1025)).Kind);
        Assert.Equal(SearchTermKind.TooLong, SearchParser.Parse(new string('a', 1_000_000)).Kind);
        Assert.Equal(SearchTermKind.Text, SearchParser.Parse(string.Concat(Enumerable.Repeat("%61", 1024))).Kind);
    }

    [Theory]
    [InlineData("user+tag@example.org", new[] { "user+tag@example.org", "user tag@example.org" })]
    [InlineData("user%2Btag%40example.org", new[] { "user+tag@example.org" })]
    [InlineData("user%20tag@example.org", new[] { "user tag@example.org", "user+tag@example.org" })]
    [InlineData("<eco@example.org>", new[] { "eco@example.org" })]
    [InlineData("Eco%20Test%20<eco@example.org>", new[] { "Eco Test <eco@example.org>", "eco@example.org" })]
    [InlineData("Eco+Test", new[] { "Eco+Test", "Eco Test" })]
    [InlineData("J%C3%BCrgen", new[] { "Jürgen" })]
    [InlineData("J%FCrgen", new[] { "Jürgen" })]
    [InlineData("J%u00FCrgen%20%u0416", new[] { "Jürgen Ж" })]
    [InlineData("%u0416%FC", new[] { "Жü" })]
    [InlineData("100%25%zz%", new[] { "100%%zz%" })]
    public void Identities_are_read_in_order(string encoded, string[] identities) =>
        Assert.Equal(identities, SearchParser.Parse(encoded).Identities);

    [Fact]
    public void A_plus_that_a_client_lost_is_tried_last()
    {
        IReadOnlyList<string> identities = SearchParser.Parse("a%20b+c@example.org").Identities;
        Assert.Equal(["a b+c@example.org", "a b c@example.org", "a+b+c@example.org"], identities);
    }

    [Fact]
    public void Words_stay_the_bytes_that_were_sent_and_are_also_read_as_Latin_1()
    {
        Assert.Equal(["J\u00F6rg"u8.ToArray()], SearchParser.Parse("J%C3%B6rg").Texts);
        Assert.Equal([[(byte)'J', 0xF6, (byte)'r', (byte)'g'], Encoding.UTF8.GetBytes("Jörg")], SearchParser.Parse("J%F6rg").Texts);
    }

    [Fact]
    public void Bare_digits_may_also_be_words() => Assert.NotEmpty(SearchParser.Parse("1383962CE7B7087F").Texts);

    [Fact]
    public void Digits_behind_0x_are_never_words() => Assert.Empty(SearchParser.Parse("0x1383962CE7B7087F").Texts);
}
