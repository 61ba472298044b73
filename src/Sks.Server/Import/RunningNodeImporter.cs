using Google.Protobuf;
using Grpc.Core;
using Sks.Admin.V1;

namespace Sks.Server.Import;

/// <summary>Imports through the node that has the store open. The files are read here, with the rights of whoever called.</summary>
internal sealed class RunningNodeImporter(AdminService.AdminServiceClient client) : ICertificateImporter
{
    private const int PieceSize = 64 * 1024;

    public async Task<ImportResult> ImportAsync(IReadOnlyList<KeyringFile> files, IProgress<long> progress, CancellationToken cancellationToken)
    {
        using AsyncDuplexStreamingCall<ImportRequest, ImportResponse> call = client.Import(cancellationToken: cancellationToken);
        Task<IReadOnlyList<UnreadablePath>> sending = SendAsync(call.RequestStream, files, cancellationToken);
        ImportSummary? summary = null;
        await foreach (ImportResponse response in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            if (response.ReportCase == ImportResponse.ReportOneofCase.Progress)
                progress.Report((long)response.Progress.BytesReceived);
            else
                summary = response.Summary;
        }

        IReadOnlyList<UnreadablePath> unreadable = await sending;
        if (summary is null)
            throw new RpcException(new Status(StatusCode.Internal, "the node ended the import without a summary"));
        return Translate(summary, unreadable);
    }

    private static async Task<IReadOnlyList<UnreadablePath>> SendAsync(
        IClientStreamWriter<ImportRequest> requests, IReadOnlyList<KeyringFile> files, CancellationToken cancellationToken)
    {
        List<UnreadablePath> unreadable = [];
        byte[] buffer = new byte[PieceSize];
        foreach (KeyringFile file in files)
        {
            try
            {
                await using Stream stream = file.Open();
                await requests.WriteAsync(new ImportRequest { File = new ImportFile { Name = file.Name } }, cancellationToken);
                while (await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken) is > 0 and int read)
                    await requests.WriteAsync(new ImportRequest { Data = ByteString.CopyFrom(buffer, 0, read) }, cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                unreadable.Add(new UnreadablePath(file.Name, e.Message));
            }
        }

        await requests.CompleteAsync();
        return unreadable;
    }

    private static ImportResult Translate(ImportSummary summary, IReadOnlyList<UnreadablePath> unreadable) => new(
        (long)summary.Counts.Added,
        (long)summary.Counts.Updated,
        (long)summary.Counts.Unchanged,
        (long)summary.Counts.Rejected,
        (long)summary.BytesReceived,
        [.. summary.Rejections.Select(group => new RejectionGroup(group.Reason.ToString(), (long)group.Count, [.. group.Examples.Select(Translate)]))],
        unreadable);

    private static RejectionExample Translate(ImportRejectionExample example) =>
        new(example.FileName, example.Fingerprint.IsEmpty ? null : Convert.ToHexString(example.Fingerprint.Span));
}
