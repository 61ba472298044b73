using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Sks.Node;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.HkpAdapter.Http;

/// <summary><c>POST /pks/hashquery</c>: full views, or views of dialects, by digest, in reverse order, unknown ones left out. For members; for all where the operator allows it.</summary>
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
            List<FoundView> views = Find(digests, out IReadOnlyCollection<SksDigest> unknown);
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

    private List<FoundView> Find(IReadOnlyList<SksDigest> digests, out IReadOnlyCollection<SksDigest> unknown)
    {
        Dictionary<SksDigest, FoundView?> known = [];
        List<FoundView> views = [];
        long length = 0;
        foreach (SksDigest digest in digests.Reverse())
        {
            if (!known.TryGetValue(digest, out FoundView? stored))
                known.Add(digest, stored = Find(digest));

            if (stored is not { } view || (views.Count > 0 && length + view.Length > MaxAnswerBytes))
                continue;
            views.Add(view);
            length += view.Length;
        }

        unknown = [.. known.Where(static entry => entry.Value is null).Select(static entry => entry.Key)];
        return views;
    }

    private FoundView? Find(SksDigest digest)
    {
        QueryResult result = hkp.Node.Query.Find(new CertificateSelector.ByDigest(digest), ServedView.Full);
        if (result.Certificates is [ServedCertificate { View: var full }])
            return new FoundView(full.Length, [.. Enumerable.Range(0, full.SliceCount).Select(full.GetSlice)]);
        return hkp.Node.Query.FindDialectView(digest) is { } view ? new FoundView(view.GetLength(), [view.ToArray()]) : null;
    }

    private static async Task SendAsync(HttpContext context, List<FoundView> views)
    {
        HttpResponse response = context.Response;
        response.ContentType = ContentType;
        response.ContentLength = HashQuery.NumberLength + views.Sum(static view => (long)HashQuery.NumberLength + view.Length) + HashQuery.End.Length;
        Reply.SetCount(response, views.Count);

        PipeWriter output = response.BodyWriter;
        WriteNumber(output, views.Count);
        foreach (FoundView view in views)
        {
            WriteNumber(output, view.Length);
            foreach (ReadOnlyMemory<byte> slice in view.Slices)
                await output.WriteAsync(slice);
        }

        output.Write(HashQuery.End);
        await output.FlushAsync();
    }

    private static void WriteNumber(PipeWriter output, int number)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(HashQuery.NumberLength), number);
        output.Advance(HashQuery.NumberLength);
    }

    private sealed record FoundView(int Length, IReadOnlyList<ReadOnlyMemory<byte>> Slices);
}
