using Microsoft.AspNetCore.Http;
using Sks.HkpAdapter.Pages;
using Sks.Node;
using Sks.Storage;

namespace Sks.HkpAdapter.Http;

/// <summary><c>POST /pks/add</c>.</summary>
/// <remarks>
/// <c>options=nm</c> (no modification) asks to refuse a submission rather than store another key than was sent. Packets are never rewritten
/// here, but what is not proven is left out: with it, everything is refused unless everything would be kept. Source: draft-shaw-openpgp-hkp-00.
/// </remarks>
internal sealed class SubmissionHandler(HkpContext hkp) : IDisposable
{
    private const int LargeBytes = 256 * 1024;

    private readonly SemaphoreSlim _turns = new(hkp.Options.MaxConcurrentSubmissions);
    private readonly SemaphoreSlim _largeTurns = new(hkp.Options.MaxConcurrentLargeSubmissions);

    /// <summary>Takes certificates in.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        LookupOptions options = LookupRequest.Parse(context.Request.QueryString.Value ?? "").Options;
        (RequestBody? body, HkpProblem? problem) = await RequestBody.ReadAsync(
            context, hkp.Options.MaxRequestBytes, hkp.Options.BodyTimeout, hkp.Bodies, hkp.Time);
        using RequestBody? owned = body;
        if (body is null)
        {
            await RefuseAsync(context, problem!, options, context.Request.ContentLength ?? 0);
            return;
        }

        SubmissionForm form = SubmissionForm.Read(body.Bytes, context.Request.ContentType);
        options |= form.Options;
        problem = Check(form.KeyText.Span);
        if (problem is not null)
        {
            await RefuseAsync(context, problem, options, body.Bytes.Length);
            return;
        }

        body.IsLent = true;
        var origin = new SubmissionOrigin(ChangeSource.Hkp, ClientAddress.Of(context.Connection.RemoteIpAddress));
        List<SubmissionOutcome>? outcomes = await SubmitAsync(form.KeyText, origin, isWholeOnly: (options & LookupOptions.NoModification) != 0);
        body.IsLent = false; // not when that failed: the store might still be at it
        await (outcomes is null
            ? RefuseAsync(context, HkpProblems.WouldBeModified, options, body.Bytes.Length)
            : AnswerAsync(context, new SubmissionReport(outcomes), options, body.Bytes.Length));
    }

    public void Dispose()
    {
        _turns.Dispose();
        _largeTurns.Dispose();
    }

    // A block that says it is secret stops the whole submission before any of it is read.
    private static HkpProblem? Check(ReadOnlySpan<byte> keyText)
    {
        if (keyText.Trim(" \t\r\n"u8).IsEmpty)
            return HkpProblems.MissingKeyText;
        if (keyText.IndexOf("-----BEGIN PGP PRIVATE KEY BLOCK"u8) >= 0)
            return HkpProblems.For(RejectionReason.SecretKey);
        return IsGuarded(keyText) ? HkpProblems.GuardedRevocation : null;
    }

    // GnuPG puts a colon before the armor of the revocations that it makes along with a key, so that nobody publishes them by mistake.
    private static bool IsGuarded(ReadOnlySpan<byte> keyText)
    {
        int begin = keyText.IndexOf("-----BEGIN PGP "u8);
        return begin > 0 && keyText[begin - 1] == ':' && (begin == 1 || keyText[begin - 2] is (byte)'\n' or (byte)'\r');
    }

    // What was received is stored, whether or not the client waits for the answer. Null when only a part would be kept and all was asked for.
    private async Task<List<SubmissionOutcome>?> SubmitAsync(ReadOnlyMemory<byte> keyText, SubmissionOrigin origin, bool isWholeOnly)
    {
        List<SubmissionOutcome> outcomes = [];
        SemaphoreSlim turns = keyText.Length > LargeBytes ? _largeTurns : _turns;
        await turns.WaitAsync();
        try
        {
            if (isWholeOnly && !await hkp.Node.Submissions.WouldKeepAllAsync(keyText, origin, CancellationToken.None))
                return null;
            await foreach (SubmissionOutcome outcome in hkp.Node.Submissions.SubmitAsync(keyText, origin, CancellationToken.None))
                outcomes.Add(outcome);
        }
        finally
        {
            turns.Release();
        }

        return outcomes;
    }

    private Task AnswerAsync(HttpContext context, SubmissionReport report, LookupOptions options, int bytes)
    {
        int status = report.Status;
        if (status != StatusCodes.Status200OK)
        {
            RejectionReason reason = report.Outcomes.Select(static outcome => outcome.Reason).DefaultIfEmpty(RejectionReason.NoData).First();
            Count(HkpProblems.For(reason), bytes);
        }

        Reply.SetCount(context.Response, report.Outcomes.Count);
        if ((options & (LookupOptions.MachineReadable | LookupOptions.Json)) != 0)
            return Reply.SendJsonAsync(context, status, report.WriteJson);
        return Reply.AcceptsHtml(context.Request)
            ? Reply.SendPageAsync(context, status, new SubmissionPage(report))
            : Reply.SendTextAsync(context, status, report.ToText());
    }

    private Task RefuseAsync(HttpContext context, HkpProblem problem, LookupOptions options, long bytes)
    {
        Count(problem, bytes);
        bool forMachines = (options & (LookupOptions.MachineReadable | LookupOptions.Json)) != 0;
        return Reply.SendProblemAsync(context, problem, forMachines);
    }

    private void Count(HkpProblem problem, long bytes)
    {
        hkp.Metrics.CountProblem(problem.Name);
        HkpLog.SubmissionRefused(hkp.Logger, problem.Name, bytes);
    }
}
