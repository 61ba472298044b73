using Grpc.Core;
using Sks.Admin.V1;
using Sks.Storage;

namespace Sks.Grpc;

/// <content>Backups.</content>
internal sealed partial class AdminGrpcService
{
    public override async Task<BackupResponse> Backup(BackupRequest request, ServerCallContext context)
    {
        if (!Path.IsPathFullyQualified(request.Folder))
            throw ServiceError.InvalidField("folder", "Must be an absolute path.");
        try
        {
            await node.BackUpAsync(request.Folder, request.WithIdentity).ConfigureAwait(false);
            return new BackupResponse { Status = BackupStatus.Done, CertificateCount = (ulong)node.GetStatistics().Certificates };
        }
        catch (StorageException e) when (e.Kind is StorageErrorKind.NotWritable or StorageErrorKind.Locked)
        {
            // Only the operator gets here, and has named the folder.
            return new BackupResponse { Status = BackupStatus.Refused, Detail = e.Message };
        }
    }
}
