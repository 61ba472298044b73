namespace Sks.Grpc;

/// <summary>What one listener takes on.</summary>
/// <param name="MaxConnections">Most open connections; null for any number.</param>
/// <param name="MaxSendMessageBytes">Largest message that is sent.</param>
/// <param name="MaxSubmitCalls">Most Submit calls at a time.</param>
/// <param name="MaxWatchCalls">Most Watch calls at a time.</param>
/// <param name="AllowsFullView">Whether certificates may be read unfiltered.</param>
internal sealed record ListenerLimits(
    int? MaxConnections, int MaxSendMessageBytes, int MaxSubmitCalls, int MaxWatchCalls, bool AllowsFullView)
{
    /// <summary>For the Unix socket: whoever may open it is trusted.</summary>
    public static ListenerLimits ForSocket { get; } = new(null, int.MaxValue, int.MaxValue, int.MaxValue, AllowsFullView: true);

    /// <summary>For TCP: anyone on this machine.</summary>
    public static ListenerLimits ForTcp(GrpcOptions options, bool allowsFullView) =>
        new(options.MaxConnections, options.MaxSendMessageBytes, options.MaxSubmitCalls, options.MaxWatchCalls, allowsFullView);
}
