using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Sks.HkpAdapter.Http;

/// <summary>Pages of the operator's own: the files in one folder, as SKS serves those in its web folder.</summary>
/// <remarks>
/// What is served is what is listed here and nothing else: names of letters, digits and <c>-_.+~</c> that do not begin with a dot, in folders of such names,
/// with an extension that has a type; no links, which may lead anywhere. What the keyserver itself answers below /pks and /health cannot be shadowed.
/// </remarks>
/// <param name="folder">The folder.</param>
/// <param name="maxBytes">Larger files are not served.</param>
internal sealed class WebFolder(string folder, long maxBytes)
{
    private const int MaxDepth = 16;
    private const int PieceBytes = 32 * 1024;
    private const string OtherNameCharacters = "-_.+~";
    private static readonly string[] OwnPaths = ["pks", "health"];
    private static readonly string[] IndexNames = ["index.html", "index.htm", "index.xhtml", "index.xml"];
    private static readonly Dictionary<string, string> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        [".html"] = Reply.Html,
        [".htm"] = Reply.Html,
        [".xhtml"] = "application/xhtml+xml",
        [".xml"] = "application/xml",
        [".txt"] = Reply.PlainText,
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".json"] = Reply.Json,
        [".ico"] = "image/x-icon",
        [".png"] = "image/png",
        [".gif"] = "image/gif",
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
        [".webp"] = "image/webp",
        [".svg"] = "image/svg+xml",
        [".woff"] = "font/woff",
        [".woff2"] = "font/woff2",
        [".pdf"] = "application/pdf",
        [".asc"] = Reply.Keys,
        [".sig"] = "application/pgp-signature",
    };

    private readonly string _folder = Path.GetFullPath(folder);

    /// <summary>The file that a path of a URL means; null when there is none to serve.</summary>
    /// <param name="path">Decoded, from the first slash on.</param>
    public string? Find(string path)
    {
        if (path is not ['/', ..])
            return null;
        string[] names = path[1..].Split('/');
        bool meansFolder = names[^1].Length == 0;
        string[] folders = names[..^1];
        if (names.Length > MaxDepth || !folders.All(IsPlain) || OwnPaths.Contains(names[0], StringComparer.OrdinalIgnoreCase))
            return null;

        string at = _folder;
        foreach (string name in folders)
        {
            at = Path.Combine(at, name);
            if (!IsServed(new DirectoryInfo(at)))
                return null;
        }

        return (meansFolder ? IndexNames : [names[^1]])
            .Where(static name => IsPlain(name) && Types.ContainsKey(Path.GetExtension(name)))
            .Select(name => Path.Combine(at, name))
            .FirstOrDefault(candidate => IsServed(new FileInfo(candidate)));
    }

    /// <summary>Sends a file that was found.</summary>
    public static async Task SendAsync(HttpContext context, string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1, useAsync: true);
        long rest = file.Length;
        HttpResponse response = context.Response;
        response.ContentType = Types[Path.GetExtension(path)];
        response.Headers.XContentTypeOptions = "nosniff";
        long modified = File.GetLastWriteTimeUtc(file.SafeFileHandle).Ticks;
        if (Reply.IsKnownToClient(context, string.Create(CultureInfo.InvariantCulture, $"\"{modified:x}-{rest:x}\"")))
            return;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentLength = rest;
        if (HttpMethods.IsHead(context.Request.Method))
            return;
        while (rest > 0)
        {
            Memory<byte> piece = response.BodyWriter.GetMemory((int)Math.Min(rest, PieceBytes));
            int read = await file.ReadAsync(piece[..(int)Math.Min(rest, piece.Length)], context.RequestAborted);
            if (read == 0)
            {
                // It has become shorter: a part must not look like the whole.
                context.Abort();
                return;
            }

            rest -= read;
            response.BodyWriter.Advance(read);
            if ((await response.BodyWriter.FlushAsync(context.RequestAborted)).IsCompleted)
                return;
        }
    }

    private static bool IsPlain(string name) =>
        name.Length > 0 && name[0] != '.' && name.All(static c => char.IsAsciiLetterOrDigit(c) || OtherNameCharacters.Contains(c, StringComparison.Ordinal));

    private static bool IsServed(DirectoryInfo info) => info.Exists && info.LinkTarget is null;

    // What has no length is not opened: it may be no file at all, and wait for ever.
    private bool IsServed(FileInfo info) => info.Exists && info.LinkTarget is null && info.Length > 0 && info.Length <= maxBytes;
}
