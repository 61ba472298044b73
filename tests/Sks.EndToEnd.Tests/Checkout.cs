namespace Sks.EndToEnd.Tests;

/// <summary>The source tree that these tests were built from.</summary>
internal static class Checkout
{
    /// <summary>Its top folder.</summary>
    public static string Folder { get; } = Find();

    /// <summary>Absolute path of something in it.</summary>
    public static string Combine(params ReadOnlySpan<string> parts) => Path.Combine([Folder, .. parts]);

    // A deterministic build writes another path into the assembly, so the output folder is the better place to begin.
    private static string Find()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Sks.slnx")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException($"no Sks.slnx above {AppContext.BaseDirectory}");
    }
}
