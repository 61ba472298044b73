using System.Buffers.Text;
using Sks.Grpc.Peers;
using Sks.Node;

namespace Sks.Grpc.Tests;

public class InvitationTokenTests
{
    private static readonly InvitationToken Sample = new(
        new NodeId(1, 2), Enumerable.Range(0, 16).Select(static i => (byte)i).ToArray(), DateTimeOffset.FromUnixTimeSeconds(1_800_000_000), ["keys.example.org:11373", "[2001:db8::1]:443"]);

    [Fact]
    public void What_is_written_is_read()
    {
        Assert.True(InvitationToken.TryParse($" {Sample.Format()}\n", out InvitationToken? read, out _));
        Assert.Equal((Sample.Inviter, Sample.Expires), (read.Inviter, read.Expires));
        Assert.Equal(Sample.Secret.ToArray(), read.Secret.ToArray());
        Assert.Equal(Sample.Addresses, read.Addresses);
    }

    [Fact]
    public void The_longest_token_is_read()
    {
        string[] addresses = [.. Enumerable.Range(0, 8).Select(static i => string.Join('.', Enumerable.Repeat(new string((char)('a' + i), 62), 4))[..249] + ":65535")];
        Assert.All(addresses, static address => Assert.Equal(255, address.Length));
        Assert.True(InvitationToken.TryParse((Sample with { Addresses = addresses }).Format(), out InvitationToken? read, out string? fault), fault);
        Assert.Equal(addresses, read.Addresses);
    }

    [Fact]
    public void A_token_cut_anywhere_is_refused()
    {
        string text = Sample.Format();
        for (int length = 0; length < text.Length; length++)
        {
            Assert.False(InvitationToken.TryParse(text[..length], out _, out string? fault), $"{length}");
            Assert.NotEmpty(fault);
        }
    }

    [Fact]
    public void What_is_cut_below_the_encoding_is_refused_as_well()
    {
        byte[] data = Base64Url.DecodeFromChars(Sample.Format().AsSpan(5));
        for (int length = 0; length < data.Length; length++)
            Assert.False(InvitationToken.TryParse("sks1-" + Base64Url.EncodeToString(data.AsSpan(0, length)), out _, out _), $"{length}");
        Assert.False(InvitationToken.TryParse("sks1-" + Base64Url.EncodeToString([.. data, 0]), out _, out string? fault));
        Assert.Contains("follows", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 2, "format 2")]
    [InlineData(49, 0x7F, "at no time")]
    [InlineData(49, 0xFF, "at no time")]
    [InlineData(57, 0, "names 0 addresses")]
    [InlineData(57, 9, "names 9 addresses")]
    [InlineData(59, 0x20, "HOST:PORT")]
    public void What_is_wrong_is_said(int offset, byte value, string expected)
    {
        byte[] data = Base64Url.DecodeFromChars(Sample.Format().AsSpan(5));
        data[offset] = value;
        Assert.False(InvitationToken.TryParse("sks1-" + Base64Url.EncodeToString(data), out _, out string? fault));
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sks2-AAAA")]
    [InlineData("SKS1-AAAA")]
    [InlineData("sks1-*")]
    public void What_is_no_token_is_refused(string text) => Assert.False(InvitationToken.TryParse(text, out _, out _));

    [Fact]
    public void What_is_far_too_long_is_refused()
    {
        Assert.False(InvitationToken.TryParse("sks1-" + new string('A', 1_000_000), out _, out string? fault));
        Assert.Contains("too long", fault, StringComparison.Ordinal);
    }
}
