using Microsoft.AspNetCore.Http;
using Sks.HkpAdapter.Pages;
using Sks.Node;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Http;

/// <summary><c>GET /pks/lookup</c>.</summary>
internal sealed class LookupHandler(HkpContext hkp, StatisticsHandler statistics, ExplainHandler explanations)
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
            { Operation: LookupOperation.Explain } => explanations.HandleAsync(context, request),
            { Operation: LookupOperation.HashGet } => GetByDigestAsync(context, request),
            _ => SearchAsync(context, request),
        };
    }

    private Task RefuseAsync(HttpContext context, in LookupRequest request, HkpProblem problem)
    {
        hkp.Metrics.CountProblem(problem.Name);
        return Reply.SendProblemAsync(context, problem, request.IsForMachines);
    }

    // The digest names a full view, so that is what it gets where it may.
    private Task GetByDigestAsync(HttpContext context, in LookupRequest request)
    {
        ReadOnlySpan<char> digits = request.Search.Span.Trim();
        if (digits.IsEmpty)
            return RefuseAsync(context, request, HkpProblems.MissingSearch);
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            digits = digits[2..];
        if (!SksDigest.TryParse(digits, out SksDigest digest))
            return RefuseAsync(context, request, HkpProblems.BadDigest);

        ServedView view = hkp.Node.AllowsFullView ? ServedView.Full : ServedView.Clean;
        IReadOnlyList<ServedCertificate> found = hkp.Node.Query.Find(new CertificateSelector.ByDigest(digest), view).Certificates;
        return found.Count == 0 ? RefuseAsync(context, request, HkpProblems.NotFound) : SendKeysAsync(context, request, found, view);
    }

    private Task SearchAsync(HttpContext context, in LookupRequest request)
    {
        SearchTerm term = SearchParser.Parse(request.Search.Span);
        ServedView view = hkp.ViewFor(request);
        if (!_search.TryFind(term, request, view, out IReadOnlyList<ServedCertificate>? found, out HkpProblem? problem))
            return RefuseAsync(context, request, problem);
        return request.Operation == LookupOperation.Get
            ? SendKeysAsync(context, request, found, view)
            : SendIndexAsync(context, request, term, found, view);
    }

    private static Task SendKeysAsync(HttpContext context, in LookupRequest request, IReadOnlyList<ServedCertificate> found, ServedView view)
    {
        HttpResponse response = context.Response;
        bool binary = request.IsBinary;
        IReadOnlyList<ServedCertificate> sent = Limit(found, request);
        Reply.SetCount(response, found.Count);
        if (Reply.IsKnownToClient(context, EntityTag.Of(sent, view, binary)))
            return Task.CompletedTask;

        var keys = KeyMaterial.Of(sent);
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

    private Task SendIndexAsync(
        HttpContext context, in LookupRequest request, SearchTerm term, IReadOnlyList<ServedCertificate> found, ServedView view)
    {
        IReadOnlyList<ServedCertificate> sent = Limit(found, request);
        DateTimeOffset now = hkp.Time.GetUtcNow();
        var revokers = new DesignatedRevokers(hkp.Node.Query);
        IndexEntry[] shown = [.. sent.Select(served => IndexEntry.Of(served, now, revokers))];
        bool verbose = request.Operation == LookupOperation.VerboseIndex;

        string contentType;
        ReadOnlyMemory<byte> body;
        if ((request.Options & LookupOptions.Json) != 0)
        {
            contentType = Reply.Json;
            body = Reply.ToJson(json => JsonIndex.Write(json, shown, verbose));
        }
        else if ((request.Options & LookupOptions.MachineReadable) != 0)
        {
            contentType = Reply.PlainText;
            body = MachineIndex.Write(shown);
        }
        else
        {
            contentType = Reply.Html;
            body = PageFrame.Render(verbose
                ? new VerboseIndexPage(term.Display, shown, found.Count, request, view, now, new SignerNames(hkp.Node.Query))
                : new IndexPage(term.Display, shown, found.Count, request, view));
        }

        Reply.SetCount(context.Response, found.Count);
        return Reply.IsKnownToClient(context, EntityTag.Of(sent, view, body.Span))
            ? Task.CompletedTask
            : Reply.SendAsync(context, StatusCodes.Status200OK, contentType, body);
    }

    private static IReadOnlyList<ServedCertificate> Limit(IReadOnlyList<ServedCertificate> found, in LookupRequest request) =>
        request.Limit is { } limit && limit < found.Count ? [.. found.Take(limit)] : found;
}
