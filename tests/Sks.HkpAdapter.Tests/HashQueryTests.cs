using Sks.HkpAdapter.Http;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Tests;

public class HashQueryTests
{
    private static readonly byte[] Digest = [.. Enumerable.Range(1, 16).Select(static i => (byte)i)];

    [Fact]
    public void Reads_digests_and_passes_over_what_cannot_be_one()
    {
        byte[] body = [0, 0, 0, 3, 0, 0, 0, 16, .. Digest, 0, 0, 0, 2, 9, 9, 0, 0, 0, 16, .. Digest, 1, 2, 3];
        Assert.Null(HashQuery.Read(body, 10, out IReadOnlyList<SksDigest> digests));
        Assert.Equal([SksDigest.Read(Digest), SksDigest.Read(Digest)], digests);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 1 })]
    [InlineData(new byte[] { 0, 0, 0, 1, 0, 0, 0, 16, 1, 2 })]
    [InlineData(new byte[] { 0, 0, 0, 1, 255, 255, 255, 255, 1, 2 })]
    public void A_cut_off_list_is_refused(byte[] body) => Assert.Same(HkpProblems.BadHashQuery, HashQuery.Read(body, 10, out _));

    [Fact]
    public void A_count_above_the_bound_is_refused_before_anything_is_allocated() =>
        Assert.Same(HkpProblems.TooManyDigests, HashQuery.Read([255, 255, 255, 255], 10, out _));
}
