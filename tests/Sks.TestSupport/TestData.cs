namespace Sks.TestSupport;

/// <summary>The files under <c>tests/testdata</c>, found by walking up from the test assembly to the solution.</summary>
public static class TestData
{
    private static readonly string Root = FindRoot();

    public static string PathOf(string kind, string file) => Path.Combine(Root, kind, file);

    public static byte[] Read(string kind, string file) => File.ReadAllBytes(PathOf(kind, file));

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Sks.slnx")))
                return Path.Combine(folder.FullName, "tests", "testdata");
        }

        throw new DirectoryNotFoundException($"No solution above {AppContext.BaseDirectory}.");
    }
}
