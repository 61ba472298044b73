using RocksDbSharp;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

public sealed class StoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.Combine("data");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("run --hkp off --grpc off")]
    [InlineData("check")]
    [InlineData("stats")]
    [InlineData("import -")]
    public async Task A_store_of_a_newer_release_is_refused(string arguments)
    {
        (await Sksd.RunAsync("import", "--data", Data, TestData.OldKeyring)).EnsureSuccess();
        AddUnknownFamily();

        ProcessResult result = await Sksd.RunAsync([.. arguments.Split(' '), "--data", Data]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("newer release", result.SingleError(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sound_store_passes_the_check()
    {
        (await Sksd.RunAsync("import", "--data", Data, TestData.DebianKeyring)).EnsureSuccess();

        ProcessResult result = await Sksd.RunAsync("check", "--data", Data);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("check: ok, 260 certificates", result.OutputLines[^1]);
    }

    [Fact]
    public async Task What_differs_is_told_and_repaired_on_demand()
    {
        (await Sksd.RunAsync("import", "--data", Data, TestData.DebianKeyring)).EnsureSuccess();
        DropDigests();

        ProcessResult broken = await Sksd.RunAsync("check", "--data", Data);
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("differences", broken.OutputLines[^1], StringComparison.Ordinal);

        ProcessResult repaired = await Sksd.RunAsync("check", "--data", Data, "--repair");
        Assert.Equal(0, repaired.ExitCode);
        Assert.Equal("check: ok, 260 certificates", (await Sksd.RunAsync("check", "--data", Data)).OutputLines[^1]);
    }

    private void AddUnknownFamily()
    {
        using RocksDb database = Open();
        database.CreateColumnFamily(new ColumnFamilyOptions(), "future");
    }

    private void DropDigests()
    {
        using RocksDb database = Open();
        database.DropColumnFamily("sks-digests");
        database.CreateColumnFamily(new ColumnFamilyOptions(), "sks-digests");
    }

    private RocksDb Open()
    {
        string folder = Path.Combine(Data, "db");
        var families = new ColumnFamilies();
        foreach (string name in RocksDb.ListColumnFamilies(new DbOptions(), folder).Where(name => name != ColumnFamilies.DefaultName))
            families.Add(name, new ColumnFamilyOptions());
        return RocksDb.Open(new DbOptions(), folder, families);
    }
}
