using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;

namespace Sks.Grpc.Tests;

/// <summary>Looks at how a call failed.</summary>
internal static class RpcFailure
{
    /// <summary>Demands a failure with this status and reason, in our domain, and returns it for a look at its details.</summary>
    public static async Task<Google.Rpc.Status> AssertFailsAsync(StatusCode code, string reason, Func<Task> call)
    {
        RpcException exception = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal(code, exception.StatusCode);
        Google.Rpc.Status? status = exception.GetRpcStatus();
        Assert.NotNull(status);
        ErrorInfo info = status.Require<ErrorInfo>();
        Assert.Equal(reason, info.Reason);
        Assert.Equal("sks.keys.v1", info.Domain);
        return status;
    }

    /// <summary>The detail of type <typeparamref name="T"/>, which must be there.</summary>
    public static T Require<T>(this Google.Rpc.Status status)
        where T : class, IMessage<T>, new()
    {
        T? detail = status.GetDetail<T>();
        Assert.NotNull(detail);
        return detail;
    }

    /// <summary>Demands INVALID_ARGUMENT that names exactly this field.</summary>
    public static async Task AssertInvalidAsync(string field, Func<Task> call)
    {
        Google.Rpc.Status status = await AssertFailsAsync(StatusCode.InvalidArgument, "INVALID_ARGUMENT", call);
        BadRequest.Types.FieldViolation violation = Assert.Single(status.Require<BadRequest>().FieldViolations);
        Assert.Equal(field, violation.Field);
        Assert.NotEmpty(violation.Description);
    }
}
