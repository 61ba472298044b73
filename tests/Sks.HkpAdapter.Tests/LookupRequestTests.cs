using Sks.HkpAdapter.Http;

namespace Sks.HkpAdapter.Tests;

public class LookupRequestTests
{
    [Theory]
    [InlineData("", LookupOperation.Missing)]
    [InlineData("?", LookupOperation.Missing)]
    [InlineData("?op=", LookupOperation.Missing)]
    [InlineData("?op=get", LookupOperation.Get)]
    [InlineData("?op=index", LookupOperation.Index)]
    [InlineData("?op=vindex", LookupOperation.VerboseIndex)]
    [InlineData("?op=hget", LookupOperation.HashGet)]
    [InlineData("?op=x-hget", LookupOperation.HashGet)]
    [InlineData("?op=stats", LookupOperation.Statistics)]
    [InlineData("?op=x-stats", LookupOperation.Statistics)]
    [InlineData("?op=photo", LookupOperation.Unknown)]
    [InlineData("?op=GET", LookupOperation.Unknown)]
    [InlineData("?OP=get", LookupOperation.Missing)]
    [InlineData("?op=%67et", LookupOperation.Get)]
    [InlineData("?op=get&op=index", LookupOperation.Index)]
    [InlineData("?foo&&=x&op=index", LookupOperation.Index)]
    public void Operation_is_the_last_named(string query, object operation) =>
        Assert.Equal((LookupOperation)operation, LookupRequest.Parse(query).Operation);

    [Fact]
    public void Order_is_free_and_the_search_stays_encoded()
    {
        LookupRequest request = LookupRequest.Parse("?search=a%2Bb+c&op=get&options=nm%2Cmr&exact=on&fingerprint=on&x-hash=on&x-clean=off&limit=7");
        Assert.Equal("a%2Bb+c", request.Search.ToString());
        Assert.Equal(LookupOptions.MachineReadable | LookupOptions.NoModification, request.Options);
        Assert.True(request.IsExact && request.ShowsFingerprints && request.ShowsDigests && !request.IsClean);
        Assert.Equal(7, request.Limit);
    }

    [Theory]
    [InlineData("mr", true)]
    [InlineData("json", true)]
    [InlineData("nm,mr,foo", true)]
    [InlineData("MR", false)]
    [InlineData("nm", false)]
    public void Machines_say_so(string options, bool forMachines) =>
        Assert.Equal(forMachines, LookupRequest.Parse("?op=index&options=" + options).IsForMachines);

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("abc")]
    [InlineData("")]
    [InlineData("99999999999")]
    public void A_limit_that_is_none_is_noticed(string limit) => Assert.True(LookupRequest.Parse("?limit=" + limit).HasBadLimit);

    [Fact]
    public void A_very_long_value_is_just_unknown() =>
        Assert.Equal(LookupOperation.Unknown, LookupRequest.Parse("?op=" + new string('%', 5000)).Operation);
}
