using System.Net;
using Microsoft.Extensions.Options;
using Sks.Node;

namespace Sks.Grpc.Peers;

/// <summary>Finds values that <see cref="PeerOptions"/> cannot have.</summary>
public sealed class PeerOptionsValidator : IValidateOptions<PeerOptions>
{
    private static readonly PeerOptionsRangeValidator Ranges = new();

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, PeerOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        result.AddResult(Ranges.Validate(name, options));
        foreach (string text in options.Listen)
        {
            if (FindListenFault(text, options.Listen.Count) is { } fault)
                result.AddError($"'{text}' {fault}", $"{PeerOptions.Section}:{nameof(PeerOptions.Listen)}");
        }

        bool listens = ReadListen(options).Count > 0;
        foreach (string text in options.Advertise)
        {
            if (FindAdvertiseFault(text, listens) is { } fault)
                result.AddError($"'{text}' {fault}", $"{PeerOptions.Section}:{nameof(PeerOptions.Advertise)}");
        }

        if (options.Advertise.Count > PeerAddress.MaxCount)
            result.AddError($"has more than {PeerAddress.MaxCount} addresses", $"{PeerOptions.Section}:{nameof(PeerOptions.Advertise)}");
        return result.Build();
    }

    /// <summary>The addresses of options that were found valid; none when nothing is to be listened on.</summary>
    internal static IReadOnlyList<IPEndPoint> ReadListen(PeerOptions options)
    {
        List<IPEndPoint> endPoints = [];
        foreach (string text in options.Listen)
        {
            if (ListenAddress.TryParse(text, out IPEndPoint? endPoint))
                endPoints.Add(endPoint);
        }

        return endPoints;
    }

    private static string? FindListenFault(string text, int count)
    {
        if (text == ListenAddress.Off)
            return count == 1 ? null : "cannot stand beside addresses";
        return ListenAddress.TryParse(text, out _) ? null : "is neither ADDR:PORT nor off";
    }

    private static string? FindAdvertiseFault(string text, bool listens)
    {
        if (PeerAddress.TryParse(text, out _))
            return null;
        if (!PeerAddress.TryParseHost(text, out _))
            return "is neither HOST nor HOST:PORT";
        return listens ? null : "needs a port: nothing is listened on";
    }
}

/// <summary>The ranges that stand at the properties.</summary>
[OptionsValidator]
internal sealed partial class PeerOptionsRangeValidator : IValidateOptions<PeerOptions>;
