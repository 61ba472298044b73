using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

/// <summary>Dumps that are imported as folders are compared with their metadata first.</summary>
public sealed class DumpVerificationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.Combine("data");

    private string Dump => _folder.Combine("dump");

    private string Metadata => Path.Combine(Dump, "metadata-sks-dump.txt");

    private string FirstFile => Path.Combine(Dump, "sks-dump-0000.pgp");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_dump_by_SKS_is_as_its_metadata_says()
    {
        await CopyDumpAsync();

        ProcessResult result = await ImportAsync();

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("imported: 8 added, 0 updated, 0 unchanged, 0 rejected", result.OutputLines[^1]);
    }

    [Fact]
    public async Task A_damaged_file_is_named_and_left_out_and_the_others_are_imported()
    {
        await CopyDumpAsync();
        byte[] bytes = await File.ReadAllBytesAsync(FirstFile, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(FirstFile, bytes, TestContext.Current.CancellationToken);

        ProcessResult result = await ImportAsync();

        Assert.Equal(1, result.ExitCode);
        string error = result.SingleError();
        Assert.Contains("sks-dump-0000.pgp: its MD5 is ", error, StringComparison.Ordinal);
        Assert.Contains("not imported", error, StringComparison.Ordinal);
        Assert.Equal(8 - TestData.Split(FirstFile).Count(), Added(result));
        ProcessResult named = await Sksd.RunAsync("import", "--data", Data, FirstFile);
        Assert.True(Added(named) > 0);
    }

    [Theory]
    [InlineData("#Files-Count: 2", "#Files-Count: 3", "has 3 files, but names 2")]
    [InlineData("#Key-Count: 8", "#Key-Count: 9", "has 9 certificates, but its files hold 8")]
    [InlineData("#Digest-algo: md5", "#Digest-algo: sha3", "its digests are sha3")]
    [InlineData("  sks-dump-0000.pgp", "  ../sks-dump-0000.pgp", "is neither a comment nor")]
    public async Task Metadata_that_does_not_fit_is_told(string line, string replacement, string expected)
    {
        await CopyDumpAsync();
        string text = await File.ReadAllTextAsync(Metadata, TestContext.Current.CancellationToken);
        Assert.Contains(line, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Metadata, text.Replace(line, replacement, StringComparison.Ordinal), TestContext.Current.CancellationToken);

        ProcessResult result = await ImportAsync();

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(expected, result.SingleError(), StringComparison.Ordinal);
        Assert.Equal(8, Added(result));
    }

    [Fact]
    public async Task A_missing_file_is_told()
    {
        await CopyDumpAsync();
        File.Delete(FirstFile);

        ProcessResult result = await ImportAsync();

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("metadata-sks-dump.txt names it, but it is missing", result.SingleError(), StringComparison.Ordinal);
    }

    private static int Added(ProcessResult result) =>
        int.Parse(result.OutputLines[^1].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    private Task<ProcessResult> ImportAsync() => Sksd.RunAsync("import", "--data", Data, Dump);

    private async Task CopyDumpAsync()
    {
        Directory.CreateDirectory(Dump);
        foreach (string file in Directory.EnumerateFiles(TestData.SksDump).Where(static file => Path.GetExtension(file) is ".pgp" or ".txt"))
            await File.WriteAllBytesAsync(Path.Combine(Dump, Path.GetFileName(file)), await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
    }
}
