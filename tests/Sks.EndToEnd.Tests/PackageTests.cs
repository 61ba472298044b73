using System.IO.Compression;
using System.Xml.Linq;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests;

/// <summary>The library as others get it.</summary>
public sealed class PackageTests
{
    private static readonly string Configuration =
        Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')).StartsWith("debug", StringComparison.Ordinal) ? "Debug" : "Release";

    [Fact]
    public async Task Reconciliation_is_a_package_that_depends_on_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var pack = new ProcessCommand(
            "dotnet", "pack", "--no-build", "--configuration", Configuration, "--output", folder.Path, Checkout.Combine("src", "Sks.Reconciliation"));
        (await ProcessRunner.RunAsync(pack, TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken)).EnsureSuccess();

        using ZipArchive package = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(folder.Path)));
        using Stream stream = package.GetEntry("Sks.Reconciliation.nuspec")!.Open();
        var description = XDocument.Load(stream);
        Assert.DoesNotContain(description.Descendants(), static element => element.Name.LocalName == "dependency");
        Assert.Equal("Apache-2.0", description.Descendants().Single(static element => element.Name.LocalName == "license").Value);
        Assert.NotNull(package.GetEntry("README.md"));
        Assert.Equal(
            ["lib/net10.0/Sks.Reconciliation.dll", "lib/net10.0/Sks.Reconciliation.xml"],
            package.Entries.Select(static entry => entry.FullName).Where(static name => name.StartsWith("lib/", StringComparison.Ordinal)).Order());
    }
}
