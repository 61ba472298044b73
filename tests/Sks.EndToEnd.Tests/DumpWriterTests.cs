using Sks.Server.CommandLine;
using Sks.Server.Dump;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

public sealed class DumpWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_dump_that_is_cut_off_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        var writer = new SksDumpWriter(_folder.Path, "sks-dump", 2, TimeProvider.System);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => writer.WriteAsync(Certificates(5, stop), false, new Progress<long>(), stop.Token));

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_forced_dump_that_is_cut_off_leaves_the_old_one()
    {
        var writer = new SksDumpWriter(_folder.Path, "sks-dump", 2, TimeProvider.System);
        await writer.WriteAsync(Certificates(3, null), false, new Progress<long>(), TestContext.Current.CancellationToken);
        Dictionary<string, byte[]> before = Content();
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => writer.WriteAsync(Certificates(5, stop), true, new Progress<long>(), stop.Token));

        Assert.Equal(before, Content());
    }

    [Fact]
    public async Task A_source_that_breaks_leaves_nothing()
    {
        var writer = new SksDumpWriter(_folder.Path, "sks-dump", 2, TimeProvider.System);

        await Assert.ThrowsAsync<InvalidDataException>(
            () => writer.WriteAsync(BreakingAfter(3), false, new Progress<long>(), TestContext.Current.CancellationToken));

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task What_a_killed_dump_left_is_cleared_away()
    {
        await File.WriteAllTextAsync(DumpFile.PartialPathOf(_folder.Path, "sks-dump-0007.pgp"), "half", TestContext.Current.CancellationToken);
        var writer = new SksDumpWriter(_folder.Path, "sks-dump", 2, TimeProvider.System);

        DumpSummary summary = await writer.WriteAsync(Certificates(3, null), false, new Progress<long>(), TestContext.Current.CancellationToken);

        Assert.Equal(new DumpSummary(3, 2, 3, 0), summary);
        Assert.Equal(["metadata-sks-dump.txt", "sks-dump-0000.pgp", "sks-dump-0001.pgp"], Content().Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Files_of_another_prefix_are_left_alone()
    {
        await new SksDumpWriter(_folder.Path, "one", 2, TimeProvider.System)
            .WriteAsync(Certificates(3, null), false, new Progress<long>(), TestContext.Current.CancellationToken);

        await new SksDumpWriter(_folder.Path, "two", 2, TimeProvider.System)
            .WriteAsync(Certificates(1, null), false, new Progress<long>(), TestContext.Current.CancellationToken);

        Assert.Equal(5, Content().Count);
        await Assert.ThrowsAsync<CommandException>(() => new SksDumpWriter(_folder.Path, "one", 2, TimeProvider.System)
            .WriteAsync(Certificates(1, null), false, new Progress<long>(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Version_6_goes_to_files_that_the_metadata_does_not_name()
    {
        var writer = new SksDumpWriter(_folder.Path, "sks-dump", 2, TimeProvider.System);
        IAsyncEnumerable<DumpedCertificate> mixed = Certificates(3, null).Concat(Certificates(3, null, version: 6));

        DumpSummary summary = await writer.WriteAsync(mixed, false, new Progress<long>(), TestContext.Current.CancellationToken);

        Assert.Equal(new DumpSummary(6, 4, 6, 3), summary);
        Dictionary<string, byte[]> content = Content();
        string[] names = ["metadata-sks-dump.txt", "sks-dump-0000.pgp", "sks-dump-0001.pgp", "sks-dump-v6-0000.pgp", "sks-dump-v6-0001.pgp"];
        Assert.Equal(names, content.Keys.Order(StringComparer.Ordinal));
        string metadata = System.Text.Encoding.UTF8.GetString(content["metadata-sks-dump.txt"]);
        Assert.Contains("#Files-Count: 2\n#Key-Count: 3\n", metadata, StringComparison.Ordinal);
        Assert.DoesNotContain("v6", metadata, StringComparison.Ordinal);

        await writer.WriteAsync(Certificates(1, null), true, new Progress<long>(), TestContext.Current.CancellationToken);
        Assert.Equal(["metadata-sks-dump.txt", "sks-dump-0000.pgp"], Content().Keys.Order(StringComparer.Ordinal));
    }

    private static async IAsyncEnumerable<DumpedCertificate> Certificates(int count, CancellationTokenSource? stopBeforeLast, uint version = 4)
    {
        for (int i = 0; i < count; i++)
        {
            if (i == count - 1 && stopBeforeLast is not null)
                await stopBeforeLast.CancelAsync();
            yield return new DumpedCertificate(version, new[] { (byte)i });
        }
    }

    private static async IAsyncEnumerable<DumpedCertificate> BreakingAfter(int count)
    {
        await foreach (DumpedCertificate certificate in Certificates(count, null))
            yield return certificate;
        throw new InvalidDataException();
    }

    private Dictionary<string, byte[]> Content() =>
        Directory.EnumerateFiles(_folder.Path).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);
}
