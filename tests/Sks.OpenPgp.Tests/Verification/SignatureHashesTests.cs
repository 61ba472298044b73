using System.Text;
using Sks.OpenPgp.Verification;

namespace Sks.OpenPgp.Tests.Verification;

public sealed class SignatureHashesTests
{
    // Of "abc": RFC 1321, FIPS 180-4, FIPS 202 and the authors of RIPEMD-160.
    [Theory]
    [InlineData(1, "900150983CD24FB0D6963F7D28E17F72")]
    [InlineData(2, "A9993E364706816ABA3E25717850C26C9CD0D89D")]
    [InlineData(3, "8EB208F7E05D987A9B044A8E98C6B087F15A0BFC")]
    [InlineData(8, "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")]
    [InlineData(9, "CB00753F45A35E8BB5A03D699AC65007272C32AB0EDED1631A8B605A43FF5BED8086072BA1E7CC2358BAECA134C825A7")]
    [InlineData(
        10,
        "DDAF35A193617ABACC417349AE20413112E6FA4E89A97EA20A9EEEE64B55D39A2192992A274FC1A836BA3C23A3FEEBBD454D4423643CE80E2A9AC94FA54CA49F")]
    [InlineData(11, "23097D223405D8228642A477BDA255B32AADBCE4BDA0B3F7E36C9DA7")]
    [InlineData(12, "3A985DA74FE225B2045C172D6BD390BD855F086E3E9D525B46BFE24511431532")]
    [InlineData(
        14,
        "B751850B1A57168A5693CD924B6B096E08F621827444F70D884F5D0240D2712E10E116E9192AF3C91A7EC57647E3934057340B4CF408D5A56592F8274EEC53F0")]
    public void Known_digests_come_out(byte algorithm, string expected)
    {
        Span<byte> digest = stackalloc byte[SignatureHashes.MaxLength];
        int length = SignatureHashes.Compute((SignatureHash)algorithm, "abc"u8, digest);

        Assert.Equal(expected, Convert.ToHexString(digest[..length]));
        Assert.Equal(length, SignatureHashes.GetLength((SignatureHash)algorithm));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(13)]
    [InlineData(255)]
    public void Unknown_algorithms_have_no_digest(byte algorithm)
    {
        byte[] digest = new byte[SignatureHashes.MaxLength];

        Assert.Equal(0, SignatureHashes.GetLength((SignatureHash)algorithm));
        Assert.Equal(0, SignatureHashes.Compute((SignatureHash)algorithm, Encoding.ASCII.GetBytes("abc"), digest));
    }
}
