using System.Reflection;

namespace Sks.Grpc.Peers;

/// <summary>What programs call themselves.</summary>
internal static class SoftwareName
{
    private const int MaxLength = 64;

    /// <summary>This program and its version.</summary>
    public static string Own { get; } = "sksd/" + typeof(SoftwareName).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>What a peer calls itself, fit to be shown: letters, digits and a few signs.</summary>
    public static string Clean(string name) =>
        new([.. name.Take(MaxLength).Where(static c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or ' ' or '+')]);
}
