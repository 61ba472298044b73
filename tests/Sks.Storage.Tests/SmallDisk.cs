using System.Globalization;
using Sks.TestSupport;

namespace Sks.Storage.Tests;

/// <summary>A file system in memory of a fixed size. Takes root; without, the calling test is skipped or fails as for a missing tool.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private SmallDisk()
    {
    }

    public string Path => _folder.Path;

    public static async Task<SmallDisk> MountAsync(int bytes)
    {
        string mount = InteropTool.Require("mount");
        var disk = new SmallDisk();
        string size = string.Create(CultureInfo.InvariantCulture, $"size={bytes}");
        ProcessResult result = await ProcessRunner.RunAsync(
            new ProcessCommand(mount, "-t", "tmpfs", "-o", size, "tmpfs", disk.Path), cancellationToken: TestContext.Current.CancellationToken);
        if (result.ExitCode == 0)
            return disk;

        disk._folder.Dispose();
        if (InteropTool.IsRequired)
            Assert.Fail($"{InteropTool.RequiredVariable}=1 demands a small disk, but: {result}");
        Assert.Skip($"no small disk can be mounted: {result.Error}");
        return disk;
    }

    public async ValueTask DisposeAsync()
    {
        (await ProcessRunner.RunAsync(new ProcessCommand("umount", Path))).EnsureSuccess();
        _folder.Dispose();
    }
}
