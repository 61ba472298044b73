using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sks.Server.CommandLine;

/// <summary>What the verbs print: results to standard output, everything else to standard error.</summary>
internal static class Terminal
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes a result line.</summary>
    public static void WriteLine(string line) => Console.Out.WriteLine(line);

    /// <summary>Writes a value as JSON, one line.</summary>
    public static void WriteJson<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, Json));

    /// <summary>Writes bytes as they are.</summary>
    public static async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await Console.Out.FlushAsync(cancellationToken);
        await using Stream output = Console.OpenStandardOutput();
        await output.WriteAsync(bytes, cancellationToken);
        await output.FlushAsync(cancellationToken);
    }

    /// <summary>Writes one line for the user, beside the results.</summary>
    public static void WriteError(string message) => Console.Error.WriteLine($"sksd: {ErrorReport.OneLine(message)}");
}
