using Google.Protobuf;
using Grpc.Core;
using Sks.Admin.V1;
using Sks.Node;
using Sks.Node.Restrictions;

namespace Sks.Grpc;

/// <content>Restrictions.</content>
internal sealed partial class AdminGrpcService
{
    private const int MaxRestrictionsPerResponse = 200;
    private const int MaxImportedRecords = 100_000;

    public override async Task<RestrictResponse> Restrict(RestrictRequest request, ServerCallContext context)
    {
        CheckText("author", request.Author);
        CheckText("reason", request.Reason);
        Node.Restrictions.RestrictionSubject subject = request.ReadSubject();
        RestrictionResult result = await node.Restrictions
            .IssueAsync(request.ReadKind(), subject, request.Author, request.Reason, context.CancellationToken).ConfigureAwait(false);
        var response = new RestrictResponse
        {
            Status = result.Status.ToMessage(),
            Restriction = result.Entry is null ? null : ToMessage(result.Entry, isInForce: result.Entry.Record.Kind != Node.Restrictions.RestrictionKind.Retract),
            RemovedCount = (ulong)result.Removed,
            RewrittenCount = (ulong)result.Rewritten,
            Purge = result.Purge?.ToMessage(),
        };
        response.OtherOrigins.AddRange((result.OtherOrigins ?? []).Select(static origin => origin.ToBytes()));
        return response;
    }

    public override async Task ListRestrictions(
        ListRestrictionsRequest request, IServerStreamWriter<ListRestrictionsResponse> responseStream, ServerCallContext context)
    {
        IReadOnlyList<RestrictionEntry> inForce = node.Restrictions.ReadInForce();
        HashSet<RestrictionEntry> holding = [.. inForce];
        bool needsPurge = node.Restrictions.NeedsPurge;
        foreach (RestrictionEntry[] group in Group(request.All ? node.Restrictions.ReadAll() : inForce))
        {
            var response = new ListRestrictionsResponse { Origin = node.Restrictions.Origin.ToBytes(), PurgeNeeded = needsPurge };
            response.Restrictions.AddRange(group.Select(entry => ToMessage(entry, holding.Contains(entry))));
            await responseStream.WriteAsync(response, context.CancellationToken).ConfigureAwait(false);
        }
    }

    public override async Task ExportRestrictions(
        ExportRestrictionsRequest request, IServerStreamWriter<ExportRestrictionsResponse> responseStream, ServerCallContext context)
    {
        foreach (RestrictionEntry[] group in Group(node.Restrictions.ReadAll()))
        {
            var response = new ExportRestrictionsResponse { Origin = node.Restrictions.Origin.ToBytes() };
            response.Records.AddRange(group.Select(static entry => UnsafeByteOperations.UnsafeWrap(entry.Record.Bytes)));
            await responseStream.WriteAsync(response, context.CancellationToken).ConfigureAwait(false);
        }
    }

    public override async Task<ImportRestrictionsResponse> ImportRestrictions(
        IAsyncStreamReader<ImportRestrictionsRequest> requestStream, ServerCallContext context)
    {
        List<ReadOnlyMemory<byte>> records = [];
        (string? author, string? reason) = (null, null);
        await foreach (ImportRestrictionsRequest request in requestStream.ReadAllAsync(context.CancellationToken).ConfigureAwait(false))
        {
            author ??= request.Author;
            reason ??= request.Reason;

            // What is too long to be a record is not kept until the end.
            records.AddRange(request.Records.Select(static record => record.Length > RestrictionRecord.MaxLength ? default : record.Memory));
            if (records.Count > MaxImportedRecords)
                throw ServiceError.InvalidField("records", $"At most {MaxImportedRecords} records can be taken in at once.");
        }

        CheckText("author", author ?? "");
        CheckText("reason", reason ?? "");
        RestrictionImport import = await node.Restrictions
            .ImportAsync(records, author ?? "", reason ?? "", context.CancellationToken).ConfigureAwait(false);
        var response = new ImportRestrictionsResponse
        {
            AddedCount = (ulong)import.Added,
            UnchangedCount = (ulong)import.Unchanged,
            RemovedCount = (ulong)import.Removed,
            RewrittenCount = (ulong)import.Rewritten,
            PendingCount = (ulong)import.Pending,
            Purge = import.Purge?.ToMessage(),
        };
        response.Refused.AddRange(import.Refused.Select(static refused => new RefusedRestriction
        {
            Index = (ulong)refused.Index,
            Reason = refused.Reason.ToMessage(),
            Origin = refused.Origin?.ToBytes() ?? ByteString.Empty,
        }));
        return response;
    }

    public override async Task<ConfirmRestrictionResponse> ConfirmRestriction(ConfirmRestrictionRequest request, ServerCallContext context)
    {
        CheckText("author", request.Author);
        if (request.Origin.Length != NodeId.Length)
            throw ServiceError.InvalidField("origin", $"Must have {NodeId.Length} bytes.");
        RestrictionResult result = await node.Restrictions
            .ConfirmAsync(NodeId.Read(request.Origin.Span), request.Sequence, request.Author, context.CancellationToken).ConfigureAwait(false);
        return new ConfirmRestrictionResponse
        {
            Status = result.Status.ToMessage(),
            Restriction = result.Entry is null ? null : ToMessage(result.Entry, isInForce: true),
            RemovedCount = (ulong)result.Removed,
            RewrittenCount = (ulong)result.Rewritten,
            Purge = result.Purge?.ToMessage(),
        };
    }

    private static void CheckText(string field, string text)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(text) > RestrictionNote.MaxTextBytes)
            throw ServiceError.InvalidField(field, $"At most {RestrictionNote.MaxTextBytes} bytes.");
    }

    // At least one group, so that every stream has a message.
    private static IEnumerable<RestrictionEntry[]> Group(IReadOnlyList<RestrictionEntry> entries) =>
        entries.Count == 0 ? [[]] : entries.Chunk(MaxRestrictionsPerResponse);

    private Restriction ToMessage(RestrictionEntry entry, bool isInForce) => entry.ToMessage(isInForce, time.GetUtcNow());
}
