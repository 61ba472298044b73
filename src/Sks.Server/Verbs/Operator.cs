namespace Sks.Server.Verbs;

/// <summary>Who runs this verb.</summary>
internal static class Operator
{
    /// <summary>The user's name at the system; behind sudo both names.</summary>
    public static string Name => Environment.GetEnvironmentVariable("SUDO_USER") is { Length: > 0 } user && user != Environment.UserName
        ? $"{user} as {Environment.UserName}"
        : Environment.UserName;
}
