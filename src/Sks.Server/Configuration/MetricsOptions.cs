namespace Sks.Server.Configuration;

/// <summary>Where Prometheus finds numbers about this server.</summary>
public sealed class MetricsOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Metrics";

    /// <summary>Where to listen: <c>ADDR:PORT</c>, IPv6 in brackets, or <c>off</c>. Default: off. The path is <c>/metrics</c>.</summary>
    public IReadOnlyList<string> Listen { get; set; } = [];
}
