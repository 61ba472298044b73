using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

/// <summary>The sample that reconciles two folders through the library.</summary>
public sealed class FolderSyncTests
{
    [Fact]
    public async Task Both_folders_get_what_they_lack_and_a_second_run_finds_nothing()
    {
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        Directory.CreateDirectory(first.Combine("below"));
        for (int i = 0; i < 400; i++)
        {
            await WriteAsync(first.Combine($"common-{i}"), $"common {i}");
            await WriteAsync(second.Combine($"common-{i}"), $"common {i}");
        }

        for (int i = 0; i < 20; i++)
            await WriteAsync(first.Combine("below", $"{i}"), $"first {i}");
        await WriteAsync(first.Combine("taken"), "by the first");
        await WriteAsync(second.Combine("taken"), "by the second");

        Assert.Equal($"1 copied to {first.Path}, 21 to {second.Path}\n", await SyncAsync(first, second));
        Assert.Equal("first 7", await File.ReadAllTextAsync(second.Combine("below", "7"), TestContext.Current.CancellationToken));
        Assert.Equal(ContentsOf(first), ContentsOf(second));
        Assert.Equal("by the first", await File.ReadAllTextAsync(first.Combine("taken"), TestContext.Current.CancellationToken));
        Assert.Equal("by the second", await File.ReadAllTextAsync(second.Combine("taken"), TestContext.Current.CancellationToken));
        Assert.Equal($"0 copied to {first.Path}, 0 to {second.Path}\n", await SyncAsync(first, second));
    }

    private static Task WriteAsync(string path, string text) => File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);

    private static IEnumerable<string> ContentsOf(TemporaryFolder folder) =>
        Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Select(File.ReadAllText).Order(StringComparer.Ordinal);

    private static async Task<string> SyncAsync(TemporaryFolder first, TemporaryFolder second)
    {
        var command = new ProcessCommand("dotnet", Path.Combine(AppContext.BaseDirectory, "FolderSync.dll"), first.Path, second.Path);
        return (await ProcessRunner.RunAsync(command, null, TestContext.Current.CancellationToken)).EnsureSuccess().Output;
    }
}
