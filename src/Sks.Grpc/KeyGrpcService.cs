using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Sks.Keys.V1;
using Sks.Node;
using Sks.Storage;
using Change = Sks.Storage.Change;

namespace Sks.Grpc;

/// <summary><c>sks.keys.v1.KeyService</c> over a node.</summary>
internal sealed class KeyGrpcService(KeyserverNode node, GrpcOptions options, ListenerLimits limits, IHostApplicationLifetime lifetime)
    : KeyService.KeyServiceBase
{
    private const int MaxChangesPerResponse = 256;

    private readonly CallLimiter _submitCalls = new(limits.MaxSubmitCalls);
    private readonly CallLimiter _watchCalls = new(limits.MaxWatchCalls);

    public override Task<GetResponse> Get(GetRequest request, ServerCallContext context)
    {
        CertificateSelector selector = request.ReadSelector();
        bool withData = request.View.IncludesData();
        IReadOnlyList<ServedCertificate> found = Find(selector, request.View);
        if (found.Count == 0)
            throw ServiceError.NotFound(request.DescribeSelector());

        var response = new GetResponse();
        response.Certificates.AddRange(found.Select(certificate => certificate.ToMessage(withData)));
        int size = response.CalculateSize();
        return size <= limits.MaxSendMessageBytes
            ? Task.FromResult(response)
            : throw ServiceError.ResponseTooLarge(size, limits.MaxSendMessageBytes);
    }

    public override async Task Search(SearchRequest request, IServerStreamWriter<SearchResponse> responseStream, ServerCallContext context)
    {
        CertificateSelector selector = request.ReadSelector();
        bool withData = request.View.IncludesData();
        IReadOnlyList<ServedCertificate> found = Find(selector, request.View);

        int count = (int)Math.Min(request.Limit == 0 ? uint.MaxValue : request.Limit, (uint)found.Count);
        var batch = new CertificateBatch();
        foreach (ServedCertificate certificate in found.Take(count))
        {
            if (!batch.HasRoomFor(certificate, withData))
                await WriteAsync(batch.Take()).ConfigureAwait(false);
            batch.Add(certificate, withData);
        }

        if (count == 0 || !batch.IsEmpty)
            await WriteAsync(batch.Take()).ConfigureAwait(false);

        async Task WriteAsync(IEnumerable<Certificate> certificates)
        {
            var response = new SearchResponse { MatchCount = (uint)found.Count, Certificates = { certificates } };
            int size = response.CalculateSize();
            if (size > limits.MaxSendMessageBytes)
                throw ServiceError.ResponseTooLarge(size, limits.MaxSendMessageBytes);
            await responseStream.WriteAsync(response, context.CancellationToken).ConfigureAwait(false);
        }
    }

    public override async Task Submit(
        IAsyncStreamReader<SubmitRequest> requestStream, IServerStreamWriter<SubmitResponse> responseStream, ServerCallContext context)
    {
        using IDisposable place = _submitCalls.Enter();
        using var end = new CallEnd(context, lifetime.ApplicationStopping);
        await new SubmitCall(node.Submissions, SubmissionOrigins.Of(context.Peer), options, end)
            .RunAsync(requestStream, responseStream, context.CancellationToken).ConfigureAwait(false);
    }

    public override async Task Watch(WatchRequest request, IServerStreamWriter<WatchResponse> responseStream, ServerCallContext context)
    {
        using IDisposable place = _watchCalls.Enter();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        ChangeCursor cursor = request.Cursor?.ToCursor() ?? node.Changes.Current;
        await foreach (ReadyGroup<Change> group in node.Changes.ReadAsync(cursor, end.Token)
            .GroupReadyAsync(MaxChangesPerResponse, announceStart: true, end.Token).ConfigureAwait(false))
        {
            if (group.Items.Count > 0)
                cursor = cursor with { Sequence = group.Items[^1].Sequence };
            var response = new WatchResponse { Cursor = cursor.ToMessage(), Newest = node.Changes.Current.ToMessage() };
            response.Changes.AddRange(group.Items.Select(static change => change.ToMessage()));
            await responseStream.WriteAsync(response, context.CancellationToken).ConfigureAwait(false);
        }
    }

    private IReadOnlyList<ServedCertificate> Find(CertificateSelector selector, CertificateView view)
    {
        ServedView served = view.ToServedView();
        if (served == ServedView.Full && !limits.AllowsFullView)
            throw ServiceError.Create(ErrorReason.FullViewNotAllowed);

        QueryResult result = node.Query.Find(selector, served);
        return result.Status switch
        {
            QueryStatus.TooManyMatches => throw ServiceError.Create(ErrorReason.TooManyMatches),
            QueryStatus.TooCommonWords => throw ServiceError.Create(ErrorReason.TooCommonWords),
            _ => result.Certificates,
        };
    }
}
