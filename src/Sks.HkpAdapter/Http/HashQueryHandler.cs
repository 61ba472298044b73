using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Sks.Node;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.HkpAdapter.Http;

/// <summary><c>POST /pks/hashquery</c>: full views by digest, in reverse order, unknown ones left out. For members; for all where the operator allows it.</summary>
internal sealed class HashQueryHandler(HkpContext hkp) : IDisposable
{
    private const string ContentType = "pgp/keys";

    // A peer asks again for what an answer leaves out. One certificate is answered whatever its size.
    private const long MaxAnswerBytes = 32L * 1024 * 1024;
    private const int MaxAnswers = 8;

    // Answers are held in memory while they are sent.
    private readonly SemaphoreSlim _answers = new(MaxAnswers, MaxAnswers);

    /// <summary>Answers a peer.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        HkpProblem? problem = hkp.AllowsHashQuery(context.Connection) ? null : HkpProblems.FullViewClosed;
        IReadOnlyList<SksDigest> digests = [];
        if (problem is null)
        {
            (RequestBody? body, problem) = await RequestBody.ReadAsync(
                context, hkp.Options.MaxHashQueryBytes, hkp.Options.BodyTimeout, hkp.Bodies, hkp.Time);
            using RequestBody? owned = body;
            if (body is not null)
                problem = HashQuery.Read(body.Bytes.Span, hkp.Options.MaxHashQueryCount, out digests);
        }

        if (problem is not null)
        {
            hkp.Metrics.CountProblem(problem.Name);
            await Reply.SendProblemAsync(context, problem, forMachines: true);
            return;
        }

        await _answers.WaitAsync(context.RequestAborted);
        try
        {
            List<StoredView> views = Find(digests, out IReadOnlyCollection<SksDigest> unknown);
            await NoteAskedAsync(context, unknown);
            await SendAsync(context, views);
        }
        finally
        {
            _answers.Release();
        }
    }

    public void Dispose() => _answers.Dispose();

    private async Task NoteAskedAsync(HttpContext context, IReadOnlyCollection<SksDigest> unknown)
    {
        if (hkp.FindMember(context.Connection) is not { } peer)
            return;
        try
        {
            await hkp.Node.Reconciliation.NoteAskedAsync(peer.Name, unknown, context.RequestAborted);
        }
        catch (StorageException e) when (e.Kind == StorageErrorKind.NotWritable)
        {
            // A full disk keeps nobody from reading; what could not be noted ends with its time.
        }
    }

    private List<StoredView> Find(IReadOnlyList<SksDigest> digests, out IReadOnlyCollection<SksDigest> unknown)
    {
        Dictionary<SksDigest, StoredView?> known = [];
        List<StoredView> views = [];
        long length = 0;
        foreach (SksDigest digest in digests.Reverse())
        {
            if (!known.TryGetValue(digest, out StoredView? stored))
            {
                QueryResult result = hkp.Node.Query.Find(new CertificateSelector.ByDigest(digest), ServedView.Full);
                stored = result.Certificates is [ServedCertificate found] ? found.View : null;
                known.Add(digest, stored);
            }

            if (stored is not { } view || (views.Count > 0 && length + view.Length > MaxAnswerBytes))
                continue;
            views.Add(view);
            length += view.Length;
        }

        unknown = [.. known.Where(static entry => entry.Value is null).Select(static entry => entry.Key)];
        return views;
    }

    private static async Task SendAsync(HttpContext context, List<StoredView> views)
    {
        HttpResponse response = context.Response;
        response.ContentType = ContentType;
        response.ContentLength = HashQuery.NumberLength + views.Sum(static view => (long)HashQuery.NumberLength + view.Length) + HashQuery.End.Length;
        Reply.SetCount(response, views.Count);

        PipeWriter output = response.BodyWriter;
        WriteNumber(output, views.Count);
        foreach (StoredView view in views)
        {
            WriteNumber(output, view.Length);
            for (int i = 0; i < view.SliceCount; i++)
                await output.WriteAsync(view.GetSlice(i));
        }

        output.Write(HashQuery.End);
        await output.FlushAsync();
    }

    private static void WriteNumber(PipeWriter output, int number)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(HashQuery.NumberLength), number);
        output.Advance(HashQuery.NumberLength);
    }
}
