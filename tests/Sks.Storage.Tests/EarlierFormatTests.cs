using System.Formats.Tar;
using System.IO.Compression;
using Sks.Reconciliation;
using Sks.TestSupport;

namespace Sks.Storage.Tests;

/// <summary>Stores that earlier releases have written.</summary>
public class EarlierFormatTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 17)]
    [InlineData(2, 26)]
    public async Task Store_gets_its_tree_when_it_is_opened_and_keeps_it(int format, int certificates)
    {
        using var folder = new TemporaryFolder();
        await using (FileStream file = File.OpenRead(TestData.PathOf("stores", $"format-{format}.tar.gz")))
        await using (var archive = new GZipStream(file, CompressionMode.Decompress))
            await TarFile.ExtractToDirectoryAsync(archive, folder.Path, overwriteFiles: false, Token);
        Assert.Equal([0, 0, 0, (byte)format], RawStore.Read(folder.Path, Family.Meta).Single(IsFormat).Value);
        Assert.Empty(RawStore.Read(folder.Path, Family.Tree));

        for (int opening = 1; opening <= 2; opening++)
        {
            await using (CertificateStore store = CertificateStore.Open(new StoreOptions { Folder = folder.Path, MinFreeDiskBytes = 0 }, TimeProvider.System))
            {
                Assert.Equal(certificates, store.Count);
                TreeNodes.AssertSound(store, TreeShape.Default);
                Assert.Equal([], store.Check(null, Token).Differences);
            }

            Assert.Equal([0, 0, 0, 4], RawStore.Read(folder.Path, Family.Meta).Single(IsFormat).Value);
        }
    }

    private static bool IsFormat((byte[] Key, byte[] Value) row) => row.Key.AsSpan().SequenceEqual("format"u8);
}
