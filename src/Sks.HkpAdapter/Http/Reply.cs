using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sks.HkpAdapter.Pages;

namespace Sks.HkpAdapter.Http;

/// <summary>Writes answers: status, headers, exact length, body.</summary>
internal static class Reply
{
    /// <summary>Header that says how many certificates were found, before any limit.</summary>
    public const string CountHeader = "X-HKP-Results-Count";

    public const string PlainText = "text/plain; charset=utf-8";
    public const string Html = "text/html; charset=utf-8";
    public const string Json = "application/json; charset=utf-8";
    public const string Keys = "application/pgp-keys";
    public const string Bytes = "application/octet-stream";

    private static readonly StringValues AnyOrigin = "*";
    private static readonly StringValues NoCache = "no-cache";
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues NoReferrer = "no-referrer";

    /// <summary>Headers of every answer.</summary>
    public static void SetCommonHeaders(HttpResponse response)
    {
        IHeaderDictionary headers = response.Headers;
        headers.AccessControlAllowOrigin = AnyOrigin;
        headers.CacheControl = NoCache;
    }

    /// <summary>Says how many certificates were found.</summary>
    public static void SetCount(HttpResponse response, int count) =>
        response.Headers[CountHeader] = count == 1 ? "1" : count.ToString(CultureInfo.InvariantCulture);

    /// <summary>Tags the answer, and ends it with 304 if the client says that it has what the tag names.</summary>
    /// <returns>Whether that was all there is to send.</returns>
    public static bool IsKnownToClient(HttpContext context, string tag)
    {
        context.Response.Headers.ETag = tag;
        if (!EntityTag.Matches(context.Request.Headers.IfNoneMatch, tag))
            return false;
        context.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }

    /// <summary>Whether the client is a browser, or something else that prefers a page.</summary>
    public static bool AcceptsHtml(HttpRequest request)
    {
        foreach (string? value in request.Headers.Accept)
        {
            if (value is not null && value.Contains("text/html", StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    /// <summary>Sends a body whose bytes are all there.</summary>
    public static async Task SendAsync(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        HttpResponse response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        if (contentType == Html)
            SetPageHeaders(response.Headers);
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.BodyWriter.WriteAsync(body);
    }

    /// <summary>Sends text.</summary>
    public static Task SendTextAsync(HttpContext context, int status, string text) =>
        SendAsync(context, status, PlainText, Encoding.UTF8.GetBytes(text));

    /// <summary>Sends JSON.</summary>
    public static Task SendJsonAsync(HttpContext context, int status, Action<Utf8JsonWriter> write) =>
        SendAsync(context, status, Json, ToJson(write));

    /// <summary>Writes JSON.</summary>
    public static ReadOnlyMemory<byte> ToJson(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
            write(json);
        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    /// <summary>Sends a page for people.</summary>
    public static Task SendPageAsync(HttpContext context, int status, Page page) =>
        SendAsync(context, status, Html, PageFrame.Render(page));

    /// <summary>Sends an error: a page for browsers, plain text for everything else.</summary>
    public static Task SendProblemAsync(HttpContext context, HkpProblem problem, bool forMachines)
    {
        IHeaderDictionary headers = context.Response.Headers;
        if (problem.Allow is not null)
            headers.Allow = problem.Allow;
        if (problem.RetryAfter is not null)
            headers.RetryAfter = problem.RetryAfter;
        return !forMachines && AcceptsHtml(context.Request)
            ? SendPageAsync(context, problem.Status, new ProblemPage(problem))
            : SendTextAsync(context, problem.Status, $"{problem.Title}: {problem.Text}\n");
    }

    private static void SetPageHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = PageFrame.ContentSecurityPolicy;
        headers.XContentTypeOptions = NoSniff;
        headers["Referrer-Policy"] = NoReferrer;
    }
}
