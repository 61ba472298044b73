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

        Assert.Equal(new DumpSummary(3, 2, 3), summary);
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

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Certificates(int count, CancellationTokenSource? stopBeforeLast)
    {
        for (int i = 0; i < count; i++)
        {
            if (i == count - 1 && stopBeforeLast is not null)
                await stopBeforeLast.CancelAsync();
            yield return new[] { (byte)i };
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> BreakingAfter(int count)
    {
        await foreach (ReadOnlyMemory<byte> certificate in Certificates(count, null))
            yield return certificate;
        throw new InvalidDataException();
    }

    private Dictionary<string, byte[]> Content() =>
        Directory.EnumerateFiles(_folder.Path).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);
}
