using System.Text;
using System.Text.Json;

namespace Sks.HkpAdapter.Tests;

/// <summary>One request to a real SKS and what it answered; bytes mapped as ISO 8859-1.</summary>
public sealed record SksExchange(string Name, string Request, string Response)
{
    public string RequestLine => Request.Split('\r', '\n')[0];

    public string Target => RequestLine.Split(' ') is [_, var target, ..] ? target : "";

    public int Status => Response.Length == 0 ? 0 : int.Parse(Response.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    public byte[] RequestBytes => Encoding.Latin1.GetBytes(Request);

    /// <summary>Without the line end that SKS adds to every body.</summary>
    public byte[] Body
    {
        get
        {
            byte[] body = Encoding.Latin1.GetBytes(Response[(Response.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
            return body[..^2];
        }
    }

    public override string ToString() => Name;
}

/// <summary>Files under <c>tests/testdata</c>.</summary>
public static class Vectors
{
    private static readonly JsonSerializerOptions AnyCase = new() { PropertyNameCaseInsensitive = true };
    private static readonly string Root = FindRoot();

    public static byte[] Dataset => Read("hkp", "dataset.pgp");

    public static IReadOnlyList<SksExchange> SksExchanges { get; } =
        JsonSerializer.Deserialize<List<SksExchange>>(Read("hkp", "hkp.json"), AnyCase)!;

    public static IReadOnlyList<string> ClientRequests { get; } =
        [.. Directory.GetFiles(Path.Combine(Root, "clients"), "*.txt").Select(static file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    public static byte[] Read(string kind, string file) => File.ReadAllBytes(Path.Combine(Root, kind, file));

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sks.slnx")))
            folder = folder.Parent;
        return Path.Combine(folder!.FullName, "tests", "testdata");
    }
}
