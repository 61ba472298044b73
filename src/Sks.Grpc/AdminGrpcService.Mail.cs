using Grpc.Core;
using Sks.Admin.V1;

namespace Sks.Grpc;

internal sealed partial class AdminGrpcService
{
    public override async Task<ReceiveMailResponse> ReceiveMail(ReceiveMailRequest request, ServerCallContext context)
    {
        if (mail is null)
            throw new RpcException(new Status(StatusCode.FailedPrecondition, "This server takes in no mail."));
        if (request.Message.IsEmpty || request.Message.Length > mail.MaxMessageBytes)
            throw ServiceError.InvalidField("message", $"A mail has between 1 and {mail.MaxMessageBytes} bytes.");
        try
        {
            await mail.KeepAsync(request.Message.Memory, context.CancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "The mail cannot be kept."));
        }

        return new ReceiveMailResponse();
    }
}
