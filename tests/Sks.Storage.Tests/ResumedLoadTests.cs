using Sks.TestSupport;

namespace Sks.Storage.Tests;

/// <summary>Bulk loads that are cut off and taken up again.</summary>
public sealed class ResumedLoadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_kept_is_there_when_the_load_goes_on(bool hadStore)
    {
        if (hadStore)
            BulkLoads.Load(_folder.Path, [TestStore.Certificate(100)]);
        using (BulkLoader cutOff = Open())
        {
            Assert.Empty(cutOff.ReadKept());
            cutOff.Load([TestStore.Certificate(1), TestStore.Certificate(2)]);
            cutOff.Keep(["a", "b"]);
            cutOff.Load([TestStore.Certificate(3)]);
        }

        Assert.Equal(hadStore, CertificateStore.Exists(_folder.Path));
        using (BulkLoader again = Open())
        {
            Assert.Equal(["a", "b"], again.ReadKept().Order());
            again.Load([TestStore.Certificate(1), TestStore.Certificate(3), TestStore.Certificate(4)]);
            again.Finish();
            Assert.Equal(1, again.Counts.Added);
            Assert.Equal(2, again.Counts.Unchanged);
        }

        await using (CertificateStore store = OpenStore())
        {
            Assert.Equal(hadStore ? 5 : 4, store.Count);
            Assert.Empty(store.Check(null, TestContext.Current.CancellationToken).Differences);
        }

        using BulkLoader next = Open();
        Assert.Empty(next.ReadKept());
    }

    [Fact]
    public async Task Store_that_was_opened_in_between_is_loaded_anew()
    {
        BulkLoads.Load(_folder.Path, [TestStore.Certificate(100)]);
        using (BulkLoader cutOff = Open())
        {
            cutOff.Load([TestStore.Certificate(1)]);
            cutOff.Keep(["a"]);
        }

        await using (CertificateStore store = OpenStore())
        {
            Assert.Equal(2, store.Count);
            Assert.Empty(store.Check(null, TestContext.Current.CancellationToken).Differences);
        }

        using BulkLoader again = Open();
        Assert.Empty(again.ReadKept());
    }

    private BulkLoader Open() => BulkLoader.OpenResumable(new StoreOptions { Folder = _folder.Path }, Merging.Unite);

    private CertificateStore OpenStore() =>
        CertificateStore.Open(new StoreOptions { Folder = _folder.Path, MinFreeDiskBytes = 0 }, TimeProvider.System);
}
