using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sks.TestSupport;

/// <summary>A request to a real SKS and its answer: an entry of <c>hkp/hkp.json</c>, byte for byte.</summary>
public sealed record HkpExchange
{
    /// <summary>For GET requests the path and query, else what the exchange shows.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>Bytes mapped as ISO 8859-1.</summary>
    [JsonPropertyName("request")]
    public required string Request { get; init; }

    /// <summary>Bytes mapped as ISO 8859-1.</summary>
    [JsonPropertyName("response")]
    public required string Response { get; init; }

    public byte[] RequestBody => BodyOf(Request);

    public byte[] ResponseBody => BodyOf(Response);

    public static IReadOnlyList<HkpExchange> ReadAll() =>
        JsonSerializer.Deserialize<List<HkpExchange>>(TestData.Read("hkp", "hkp.json"))!;

    /// <summary>The text of the form field <c>keytext</c>, unescaped.</summary>
    public byte[] ReadKeyText()
    {
        string form = Encoding.Latin1.GetString(RequestBody);
        string field = form.Split('&').Single(static f => f.StartsWith("keytext=", StringComparison.Ordinal));
        var text = new List<byte>();
        for (int i = "keytext=".Length; i < field.Length; i++)
        {
            text.Add(field[i] == '%' ? Convert.ToByte(field.Substring(i + 1, 2), 16) : (byte)(field[i] == '+' ? ' ' : field[i]));
            i += field[i] == '%' ? 2 : 0;
        }

        return [.. text];
    }

    private static byte[] BodyOf(string message) =>
        Encoding.Latin1.GetBytes(message[(message.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
}
