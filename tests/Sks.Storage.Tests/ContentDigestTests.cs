using System.Buffers.Binary;
using System.Text;
using Sks.OpenPgp;

namespace Sks.Storage.Tests;

/// <summary>The digests of clean views, in order.</summary>
public class ContentDigestTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Digests_are_found_by_prefix_and_bucket_now_and_in_a_snapshot()
    {
        int policy = CleanViewPolicy.Current.Version;
        await using TestStore test = TestStore.Open();
        for (int seed = 1; seed <= 5; seed++)
            await test.SubmitAsync(TestStore.Version6(seed), Token);
        using StoreSnapshot snapshot = test.Store.TakeSnapshot();
        Assert.Equal(new StorePosition(test.Store.Newest, policy, true), snapshot.ReadPosition());
        byte[] all = [.. snapshot.ReadContentDigests(policy).SelectMany(static chunk => chunk.ToArray())];
        List<ContentDigest> digests = [.. all.Chunk(ContentDigest.Length).Select(static bytes => ContentDigest.Read(bytes))];
        Assert.Equal([.. snapshot.ReadAll().Select(stored => stored.ContentDigest(policy).ToString()).Order(StringComparer.Ordinal)], digests.Select(static digest => digest.ToString()));
        Assert.Equal(5, digests.Count);
        Assert.Empty(snapshot.ReadContentDigests(policy + 1));
        await test.SubmitAsync(TestStore.Version6(6), Token);

        Assert.Equal(all, Enumerable.Range(0, StoreReader.ContentBuckets).SelectMany(bucket => snapshot.ReadContentBucket(policy, bucket)));
        using StoreLease lease = test.Store.TakeLease();
        Assert.Equal(6 * ContentDigest.Length, Enumerable.Range(0, StoreReader.ContentBuckets).Sum(bucket => lease.Reader.ReadContentBucket(policy, bucket).Length));
        ulong prefix = BinaryPrimitives.ReadUInt64BigEndian(digests[2].Span);
        Assert.Equal([digests[2]], lease.Reader.FindContent(prefix, policy).Select(static found => found.Digest));
        Assert.Equal([prefix + 1, prefix], lease.Reader.FindMissingContent(policy, [prefix + 1, prefix]).Append(prefix));
        Assert.Equal([policy], test.Store.ReadCompletePolicies());
    }

    [Fact]
    public async Task Rows_with_a_prefix_are_deleted_together_with_what_is_written()
    {
        await using TestStore test = TestStore.Open();
        await test.Store.WriteLinksAsync([(Bytes("a1"), []), (Bytes("a2"), []), (Bytes("b"), []), ([1, 255], []), ([2], [])], Token);
        await test.Store.WriteLinksAsync([(Bytes("a3"), [])], [Bytes("a"), [1, 255]], Token);
        Assert.Equal([[2], Bytes("a3"), Bytes("b")], test.Store.ReadLinks([]).Select(static row => row.Key));
        await Assert.ThrowsAsync<ArgumentException>(() => test.Store.WriteLinksAsync([], [[255]], Token));
        await Assert.ThrowsAsync<ArgumentException>(() => test.Store.WriteLinksAsync([], [[]], Token));
    }

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);
}
