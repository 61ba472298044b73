using Sks.OpenPgp;
using Sks.TestSupport;

namespace Sks.Node.Tests;

/// <summary>Memory must not grow with what strangers send. Limits are generous: without the bounds these streams take far more.</summary>
public class MemoryTests
{
    private const int PieceBytes = 1 << 20;
    private const long MaxGrowth = 96L << 20;

    [Fact]
    public async Task Garbage_of_200_MB_is_read_in_flat_memory()
    {
        byte[] noise = TestPackets.Filled(PieceBytes, 1, "noise");
        noise[0] = 0xC6;
        await AssertFlatAsync(() => Enumerable.Repeat(noise, 200));
    }

    [Fact]
    public async Task Certificate_of_100_MB_is_rejected_in_flat_memory()
    {
        byte[] start = new CertificateBuilder(1).Build();
        byte[] piece = TestPackets.Frame(PacketTag.UserAttribute, new byte[PieceBytes]);
        List<SubmissionOutcome> outcomes = await AssertFlatAsync(() => Enumerable.Repeat(piece, 100).Prepend(start));
        Assert.Equal(RejectionReason.TooLarge, outcomes[0].Reason);
    }

    [Fact]
    public async Task Many_large_certificates_are_on_their_way_in_flat_memory()
    {
        // They come faster than they can be written.
        IEnumerable<byte[]> large = Enumerable.Range(1, 50).Select(static seed =>
            new CertificateBuilder(seed).Add(PacketTag.UserAttribute, TestPackets.Filled(4_000_000, seed, "photo")).Build());
        List<SubmissionOutcome> outcomes = await AssertFlatAsync(() => large);
        Assert.Equal(50, outcomes.Count(static outcome => outcome.Result == SubmissionResult.Added));
    }

    [Fact]
    public async Task Budget_makes_wait_who_would_exceed_it()
    {
        var budget = new ByteBudget(100);
        Assert.Equal(60, await budget.TakeAsync(60, CancellationToken.None));
        Assert.Equal(40, await budget.TakeAsync(40, CancellationToken.None));
        Task<int> huge = budget.TakeAsync(1000, CancellationToken.None).AsTask();
        budget.Return(60);
        Assert.False(huge.IsCompleted);
        budget.Return(40);
        Assert.Equal(100, await huge);

        using var cancellation = new CancellationTokenSource();
        Task<int> cancelled = budget.TakeAsync(1, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        budget.Return(100);
        Assert.Equal(1, await budget.TakeAsync(1, CancellationToken.None));
    }

    private static async Task<List<SubmissionOutcome>> AssertFlatAsync(Func<IEnumerable<byte[]>> pieces)
    {
        await using TestNode test = TestNode.Open(static options =>
        {
            options.MaxCertificateBytes = 16 << 20;
            options.Ingest.MaxFullViewBytes = 16 << 20;
        });
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long highest = 0;
        int count = 0;
        IEnumerable<byte[]> measured = pieces().Select(piece =>
        {
            if (++count % 10 == 0)
                highest = Math.Max(highest, GC.GetTotalMemory(forceFullCollection: true));
            return piece;
        });
        using var stream = new FedStream(measured);
        List<SubmissionOutcome> outcomes = await test.ImportAsync(stream);
        Assert.InRange(highest - before, long.MinValue, MaxGrowth);
        Assert.NotEqual(0, highest);
        return outcomes;
    }
}
