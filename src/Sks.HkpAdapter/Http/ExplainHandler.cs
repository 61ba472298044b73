using Microsoft.AspNetCore.Http;
using Sks.HkpAdapter.Pages;

namespace Sks.HkpAdapter.Http;

/// <summary><c>op=x-explain</c>: what is stored of a certificate packet by packet, and why each is shown or not.</summary>
/// <remarks>
/// Tells of what is left out elsewhere, because somebody may look for it. What a stranger wrote into it is not repeated: an unproven
/// user ID is told by length and hash alone, unless the operator allows everybody to see everything.
/// </remarks>
internal sealed class ExplainHandler(HkpContext hkp)
{
    /// <summary>Answers with a page, or JSON with <c>options=json</c> or <c>mr</c>.</summary>
    public Task HandleAsync(HttpContext context, in LookupRequest request)
    {
        SearchTerm term = SearchParser.Parse(request.Search.Span);
        if (term.Kind != SearchTermKind.Fingerprint)
            return RefuseAsync(context, request, term.Kind == SearchTermKind.Empty ? HkpProblems.MissingSearch : HkpProblems.NoFingerprint);

        ExplainedCertificate[] found =
        [
            .. hkp.Node.Query.Explain(term.Fingerprint)
                .Select(explanation => new ExplainedCertificate(explanation, hkp.Node.AllowsFullView)),
        ];
        if (found.Length == 0)
            return RefuseAsync(context, request, HkpProblems.NotFound);

        Reply.SetCount(context.Response, found.Length);
        int offset = request.Offset;
        return request.IsForMachines
            ? Reply.SendJsonAsync(context, StatusCodes.Status200OK, json => ExplanationJson.Write(json, found, offset))
            : Reply.SendPageAsync(context, StatusCodes.Status200OK, new ExplanationPage(term.Fingerprint, found, request));
    }

    private Task RefuseAsync(HttpContext context, in LookupRequest request, HkpProblem problem)
    {
        hkp.Metrics.CountProblem(problem.Name);
        return Reply.SendProblemAsync(context, problem, request.IsForMachines);
    }
}
