using Microsoft.AspNetCore.Http;
using Sks.HkpAdapter.Mail;
using Sks.HkpAdapter.Pages;
using Sks.HkpAdapter.Pks;
using Sks.Node;
using Sks.Storage;

namespace Sks.HkpAdapter.Http;

/// <summary><c>POST /pks/add</c>.</summary>
/// <remarks>
/// <c>options=nm</c> (no modification) asks to refuse a submission rather than store another key than was sent. Packets are never rewritten
/// here, but what is not proven is left out: with it, nothing is stored when a key would be stored only in part. Source: draft-shaw-openpgp-hkp-00.
/// A submission ends with its client: what is not stored when the client closes the connection is not stored.
/// </remarks>
internal sealed class SubmissionHandler(HkpContext hkp) : IDisposable
{
    private const int LargeBytes = 256 * 1024;
    private const int MaxSenderLength = 320;

    private readonly SemaphoreSlim _turns = new(hkp.Options.MaxConcurrentSubmissions);
    private readonly SemaphoreSlim _largeTurns = new(hkp.Options.MaxConcurrentLargeSubmissions);
    private readonly ClientTurns _largeClientTurns = new();

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
        SubmissionOrigin origin = OriginOf(context);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, ClientPresence.GoneTokenOf(context));
        List<SubmissionOutcome>? outcomes;
        try
        {
            outcomes = await SubmitAsync(form.KeyText, origin, isWholeOnly: (options & LookupOptions.NoModification) != 0, gone.Token);
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            context.Abort();
            return;
        }

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

    // Servers say who they are, so that they are not sent their own. What they push is not sent on as a client's would be.
    private static SubmissionOrigin OriginOf(HttpContext context)
    {
        string client = ClientAddress.Of(context.Connection.RemoteIpAddress);
        string? sender = context.Request.Headers[HttpTarget.SenderHeader].FirstOrDefault()?.Trim();
        return sender is not { Length: > 0 and <= MaxSenderLength }
            ? new SubmissionOrigin(ChangeSource.Hkp, client)
            : new SubmissionOrigin(ChangeSource.PksPush, client) { Mail = new MailOrigin(MailReader.ReadAddress(sender) ?? sender, [sender]) };
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

    // Large submissions wait behind those of the same client first, so that two of them cannot keep everybody else's out.
    private async Task<List<SubmissionOutcome>?> SubmitAsync(
        ReadOnlyMemory<byte> keyText, SubmissionOrigin origin, bool isWholeOnly, CancellationToken cancellationToken)
    {
        if (keyText.Length <= LargeBytes)
            return await SubmitAsync(_turns, keyText, origin, isWholeOnly, cancellationToken);
        using IDisposable turn = await _largeClientTurns.TakeAsync(origin.Client ?? "", cancellationToken);
        return await SubmitAsync(_largeTurns, keyText, origin, isWholeOnly, cancellationToken);
    }

    // Null when only a part would be kept and all was asked for.
    private async Task<List<SubmissionOutcome>?> SubmitAsync(
        SemaphoreSlim turns, ReadOnlyMemory<byte> keyText, SubmissionOrigin origin, bool isWholeOnly, CancellationToken cancellationToken)
    {
        List<SubmissionOutcome> outcomes = [];
        await turns.WaitAsync(cancellationToken);
        try
        {
            if (isWholeOnly && !await hkp.Node.Submissions.WouldKeepAllAsync(keyText, origin, cancellationToken))
                return null;
            await foreach (SubmissionOutcome outcome in hkp.Node.Submissions.SubmitAsync(keyText, origin, cancellationToken))
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
