using System.Globalization;
using Sks.OpenPgp;
using Sks.TestSupport;

namespace Sks.Storage.Tests;

public class KilledWriterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_ten_times_over_the_store_has_everything_that_was_acknowledged()
    {
        await using TestStore test = TestStore.Open();
        await test.Store.DisposeAsync();
        List<(int Seed, int Version)> acknowledged = [];
        for (int round = 0; round < 10; round++)
        {
            await using RunningProcess child = CrashChild.Start("submit", test.Folder, 100_000 * (round + 1));
            await Eventually.IsTrueAsync(() => child.Output.Count > 20 * round, "some are acknowledged", cancellationToken: Token);
            await child.KillAsync(Token);
            acknowledged.AddRange(child.Output.Select(static line => line.Split(' ')).Where(static words => words is [_, "1" or "2"]).Select(
                static words => (int.Parse(words[0], CultureInfo.InvariantCulture), int.Parse(words[1], CultureInfo.InvariantCulture))));

            await test.ReopenAsync();
            test.AssertSound();
            foreach ((int seed, int version) in acknowledged)
                AssertHolds(test, seed, version);
            await test.Store.DisposeAsync();
        }

        Assert.True(acknowledged.Count > 500);
        await test.ReopenAsync();
    }

    private static void AssertHolds(TestStore test, int seed, int version)
    {
        Certificate first = new CertificateBuilder(seed).UserId($"first {seed}").Certification().BuildCertificate();
        Certificate second = new CertificateBuilder(seed).UserId($"second {seed}").Certification().BuildCertificate();
        SksDigest both = CertificateMerger.Merge(first, second).Digest;
        SksDigest? stored = test.Find(first.Identity)?.SksDigest;
        Assert.True(stored == both || (version == 1 && stored == first.Digest));
    }
}
