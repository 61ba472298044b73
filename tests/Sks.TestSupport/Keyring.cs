namespace Sks.TestSupport;

/// <summary>A keyring that comes with a package of the distribution.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Count">How many certificates it has.</param>
/// <param name="Package">Debian package it comes from.</param>
public sealed record Keyring(string Path, int Count, string Package)
{
    /// <summary>The path. When there is no such file, the calling test is skipped or fails, as for <see cref="InteropTool"/>.</summary>
    public string Require() => Require(InteropTool.IsRequired);

    /// <inheritdoc cref="Require()"/>
    /// <param name="required">Whether a missing file is a failure instead of a skip.</param>
    public string Require(bool required)
    {
        if (!File.Exists(Path))
            InteropTool.Missing($"there is no {Path}, from the package {Package}", required);

        return Path;
    }
}
