using Microsoft.AspNetCore.Http;
using Sks.HkpAdapter.Pages;
using Sks.Node;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.HkpAdapter.Http;

/// <summary><c>GET /pks/lookup</c>.</summary>
internal sealed class LookupHandler(HkpContext hkp, StatisticsHandler statistics)
{
    private static readonly Microsoft.Extensions.Primitives.StringValues AttachmentName = "attachment; filename=gpgkey.asc";

    private readonly CertificateSearch _search = new(hkp.Node.Query, hkp.Options);

    /// <summary>Answers a look-up.</summary>
    public Task HandleAsync(HttpContext context)
    {
        LookupRequest request = LookupRequest.Parse(context.Request.QueryString.Value ?? "");
        return request switch
        {
            { HasBadLimit: true } => RefuseAsync(context, request, HkpProblems.BadLimit),
            { Operation: LookupOperation.Missing } => RefuseAsync(context, request, HkpProblems.MissingOperation),
            { Operation: LookupOperation.Unknown } => RefuseAsync(context, request, HkpProblems.UnknownOperation),
            { Operation: LookupOperation.Statistics } => statistics.HandleAsync(context, request),
            { Operation: LookupOperation.HashGet } => GetByDigestAsync(context, request),
            _ => SearchAsync(context, request),
        };
    }

    private Task RefuseAsync(HttpContext context, in LookupRequest request, HkpProblem problem)
    {
        hkp.Metrics.CountProblem(problem.Name);
        return Reply.SendProblemAsync(context, problem, request.IsForMachines);
    }

    private Task GetByDigestAsync(HttpContext context, in LookupRequest request)
    {
        ReadOnlySpan<char> digits = request.Search.Span.Trim();
        if (digits.IsEmpty)
            return RefuseAsync(context, request, HkpProblems.MissingSearch);
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            digits = digits[2..];
        if (!SksDigest.TryParse(digits, out SksDigest digest))
            return RefuseAsync(context, request, HkpProblems.BadDigest);

        QueryResult result = hkp.Node.Query.Find(new CertificateSelector.ByDigest(digest));
        IReadOnlyList<StoredCertificate> found = CertificateSearch.WithoutNewVersions(result.Certificates);
        return found.Count == 0 ? RefuseAsync(context, request, HkpProblems.NotFound) : SendKeysAsync(context, request, found);
    }

    private Task SearchAsync(HttpContext context, in LookupRequest request)
    {
        SearchTerm term = SearchParser.Parse(request.Search.Span);
        if (!_search.TryFind(term, request.IsExact, out IReadOnlyList<StoredCertificate>? found, out HkpProblem? problem))
            return RefuseAsync(context, request, problem);
        return request.Operation == LookupOperation.Get
            ? SendKeysAsync(context, request, found)
            : SendIndexAsync(context, request, term, found);
    }

    private Task SendKeysAsync(HttpContext context, in LookupRequest request, IReadOnlyList<StoredCertificate> found)
    {
        HttpResponse response = context.Response;
        bool binary = (request.Options & LookupOptions.Binary) != 0;
        Reply.SetCount(response, found.Count);
        if (found is [StoredCertificate only])
        {
            string tag = $"\"{only.SksDigest}{(hkp.AllowsFullView(request) ? "-full" : "")}{(binary ? "-bin" : "")}\"";
            response.Headers.ETag = tag;
            if (context.Request.Headers.IfNoneMatch.Count > 0 && Matches(context.Request.Headers.IfNoneMatch.ToString(), tag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }
        }

        KeyMaterial keys = KeyMaterial.Of(Limit(found, request), clean: !hkp.AllowsFullView(request));
        response.ContentType = binary ? Reply.Bytes : Reply.Keys;
        response.ContentLength = binary ? keys.Length : keys.ArmoredLength;
        if (!binary)
            response.Headers.ContentDisposition = AttachmentName;
        if (HttpMethods.IsHead(context.Request.Method))
            return Task.CompletedTask;

        // Starting first makes the body go into the connection's own buffer instead of a copy.
        Task started = response.StartAsync();
        if (!started.IsCompletedSuccessfully)
            return SendBodyAsync(started, context, keys, binary);
        ValueTask written = binary
            ? keys.WriteBinaryAsync(response.BodyWriter)
            : keys.WriteArmoredAsync(response.BodyWriter);
        return written.IsCompletedSuccessfully ? Task.CompletedTask : written.AsTask();
    }

    private static async Task SendBodyAsync(Task started, HttpContext context, KeyMaterial keys, bool binary)
    {
        await started;
        await (binary
            ? keys.WriteBinaryAsync(context.Response.BodyWriter)
            : keys.WriteArmoredAsync(context.Response.BodyWriter));
    }

    private Task SendIndexAsync(HttpContext context, in LookupRequest request, SearchTerm term, IReadOnlyList<StoredCertificate> found)
    {
        bool clean = !hkp.AllowsFullView(request);
        CertificateSummary[] shown = [.. Limit(found, request).Select(stored => CertificateSummary.Of(stored, clean))];
        DateTimeOffset now = hkp.Time.GetUtcNow();
        bool verbose = request.Operation == LookupOperation.VerboseIndex;

        Reply.SetCount(context.Response, found.Count);
        if ((request.Options & LookupOptions.Json) != 0)
            return Reply.SendJsonAsync(context, StatusCodes.Status200OK, json => JsonIndex.Write(json, shown, verbose));
        if ((request.Options & LookupOptions.MachineReadable) != 0)
            return Reply.SendAsync(context, StatusCodes.Status200OK, Reply.PlainText, MachineIndex.Write(shown, now));

        Page page = verbose
            ? new VerboseIndexPage(term.Display, shown, found.Count, request, now, new SignerNames(hkp.Node.Query))
            : new IndexPage(term.Display, shown, found.Count, request, now);
        return Reply.SendPageAsync(context, StatusCodes.Status200OK, page);
    }

    private static IReadOnlyList<StoredCertificate> Limit(IReadOnlyList<StoredCertificate> found, in LookupRequest request) =>
        request.Limit is { } limit && limit < found.Count ? [.. found.Take(limit)] : found;

    private static bool Matches(string ifNoneMatch, string tag) =>
        ifNoneMatch == "*" || ifNoneMatch.Contains(tag, StringComparison.Ordinal);
}
