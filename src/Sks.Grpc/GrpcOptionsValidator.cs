using System.Net;
using System.Text;
using Microsoft.Extensions.Options;
using Sks.Node;

namespace Sks.Grpc;

/// <summary>Finds values that <see cref="GrpcOptions"/> cannot have.</summary>
public sealed class GrpcOptionsValidator : IValidateOptions<GrpcOptions>
{
    private static readonly GrpcOptionsRangeValidator Ranges = new();

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, GrpcOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        result.AddResult(Ranges.Validate(name, options));
        foreach (string text in options.Listen)
        {
            if (FindFault(text, options.Listen.Count) is { } fault)
                result.AddError($"'{text}' {fault}", $"{GrpcOptions.Section}:{nameof(GrpcOptions.Listen)}");
        }

        if (options.AdminSocketPath is { } path && Encoding.UTF8.GetByteCount(path) > AdminSocket.MaxPathBytes)
            result.AddError($"'{path}' has more than {AdminSocket.MaxPathBytes} bytes", $"{GrpcOptions.Section}:{nameof(GrpcOptions.AdminSocketPath)}");
        return result.Build();
    }

    /// <summary>The addresses of options that were found valid.</summary>
    internal static IReadOnlyList<IPEndPoint> ReadListen(GrpcOptions options)
    {
        List<IPEndPoint> endPoints = [];
        foreach (string text in options.Listen)
        {
            if (ListenAddress.TryParse(text, out IPEndPoint? endPoint))
                endPoints.Add(endPoint);
        }

        return endPoints;
    }

    private static string? FindFault(string text, int count)
    {
        if (text == ListenAddress.Off)
            return count == 1 ? null : "cannot stand beside addresses";
        if (!ListenAddress.TryParse(text, out IPEndPoint? endPoint))
            return "is neither ADDR:PORT nor off";
        return IPAddress.IsLoopback(endPoint.Address) ? null : "is not a loopback address: gRPC has no TLS here";
    }
}

/// <summary>The ranges that stand at the properties.</summary>
[OptionsValidator]
internal sealed partial class GrpcOptionsRangeValidator : IValidateOptions<GrpcOptions>;
