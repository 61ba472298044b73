using System.Globalization;
using Sks.TestSupport;

namespace Sks.Storage.Tests;

/// <summary>The process that tests kill.</summary>
internal static class CrashChild
{
    public static RunningProcess Start(string verb, string folder, int seed) => RunningProcess.Start(new ProcessCommand(
        "dotnet",
        Path.Combine(AppContext.BaseDirectory, "Sks.CrashChild.dll"),
        verb,
        folder,
        seed.ToString(CultureInfo.InvariantCulture)));
}
