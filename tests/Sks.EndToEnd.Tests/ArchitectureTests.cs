using System.Xml.Linq;

namespace Sks.EndToEnd.Tests;

/// <summary>Who may know whom among the projects of <c>src</c>.</summary>
/// <remarks>
/// <code>
/// Sks.Server ──► Sks.Grpc ───────┐
///      └───────► Sks.HkpAdapter ─┴─► Sks.Node ──► Sks.Storage ──► Sks.OpenPgp
///                                                      └────────► Sks.Reconciliation
/// </code>
/// Direct references only: MSBuild hands on the ones behind them.
/// </remarks>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Sks.Grpc"] = ["Sks.Node"],
        ["Sks.HkpAdapter"] = ["Sks.Node"],
        ["Sks.Node"] = ["Sks.Storage"],
        ["Sks.OpenPgp"] = [],
        ["Sks.Reconciliation"] = [],
        ["Sks.Server"] = ["Sks.Grpc", "Sks.HkpAdapter"],
        ["Sks.Storage"] = ["Sks.OpenPgp", "Sks.Reconciliation"],
    };

    private static readonly string[] Pure = ["Sks.OpenPgp", "Sks.Reconciliation"];

    // Arithmetic, no I/O.
    private static readonly string[] PurePackages = ["BouncyCastle.Cryptography", "NSec.Cryptography"];

    /// <summary>The projects of <c>src</c> by name.</summary>
    public static TheoryData<string> Projects => [.. ProjectFiles().Select(path => Path.GetFileNameWithoutExtension(path))];

    /// <summary>Those without I/O, clock, logging or hosting.</summary>
    public static TheoryData<string> PureProjects => [.. Projects.Select(row => row.Data).Where(Pure.Contains)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_only_to_those_it_may_know(string project)
    {
        IEnumerable<string> references = References(project, "ProjectReference")
            .Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')));

        Assert.True(Arrows.ContainsKey(project), $"{project} is not in the picture: say here what it may know");
        Assert.Empty(references.Except(Arrows[project]));
    }

    [Theory]
    [MemberData(nameof(PureProjects))]
    public void The_pure_projects_use_no_package_but_cryptography_and_no_framework_but_the_base(string project)
    {
        Assert.Empty(References(project, "PackageReference").Except(PurePackages));
        Assert.Empty(References(project, "FrameworkReference"));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Only_the_storage_knows_RocksDB(string project)
    {
        bool isStorage = project == "Sks.Storage";

        Assert.Equal(isStorage, References(project, "PackageReference").Contains("RocksDB"));
        Assert.Equal(isStorage, Sources(project).Any(path => File.ReadAllText(path).Contains("RocksDbSharp", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Sks.Grpc", "Sks.HkpAdapter")]
    [InlineData("Sks.HkpAdapter", "Sks.Grpc")]
    public void The_adapters_never_see_each_other(string one, string other) =>
        Assert.DoesNotContain(Sources(one), path => File.ReadAllText(path).Contains(other, StringComparison.Ordinal));

    [Fact]
    public void Versions_stand_in_one_place_only()
    {
        IEnumerable<string> projects = Directory.EnumerateFiles(Checkout.Folder, "*.csproj", SearchOption.AllDirectories);

        Assert.DoesNotContain(
            projects, path => XDocument.Load(path).Descendants("PackageReference").Any(reference => reference.Attribute("Version") is not null));
    }

    private static IEnumerable<string> ProjectFiles() =>
        Directory.EnumerateFiles(Checkout.Combine("src"), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    private static string ProjectFile(string project) => Checkout.Combine("src", project, project + ".csproj");

    private static IEnumerable<string> Sources(string project) =>
        Directory.EnumerateFiles(Checkout.Combine("src", project), "*.cs", SearchOption.AllDirectories);

    private static List<string> References(string project, string kind) =>
        [.. XDocument.Load(ProjectFile(project)).Descendants(kind).Select(reference => reference.Attribute("Include")!.Value)];
}
