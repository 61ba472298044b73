using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Sks.Keys.V1;
using Sks.Node;

namespace Sks.Grpc;

/// <summary>Makes the exceptions that end a call with a status and the details a program can act on.</summary>
internal static class ServiceError
{
    /// <summary>Domain of every <c>google.rpc.ErrorInfo</c>.</summary>
    public const string Domain = "sks.keys.v1";

    /// <summary>Type of the resource that is not found.</summary>
    public const string CertificateType = "sks.keys.v1.Certificate";

    // Somebody has to make room on a disk; a restart takes a second or two.
    private static readonly TimeSpan WriteRetryDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CallRetryDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RestartRetryDelay = TimeSpan.FromSeconds(2);

    /// <summary>A field that has a value it cannot have.</summary>
    /// <param name="field">The field's name in the proto file.</param>
    /// <param name="description">What it must be.</param>
    public static RpcException InvalidField(string field, string description) => Create(
        ErrorReason.InvalidArgument,
        new BadRequest { FieldViolations = { new BadRequest.Types.FieldViolation { Field = field, Description = description } } });

    /// <summary>No certificate has that name.</summary>
    /// <param name="name">What was asked for, in hex.</param>
    public static RpcException NotFound(string name) => Create(
        ErrorReason.CertificateNotFound,
        new ResourceInfo { ResourceType = CertificateType, ResourceName = name });

    /// <summary>The answer is larger than messages may be.</summary>
    public static RpcException ResponseTooLarge(long bytes, int limitBytes)
    {
        var metadata = new Dictionary<string, string>
        {
            ["bytes"] = bytes.ToString(CultureInfo.InvariantCulture),
            ["limit_bytes"] = limitBytes.ToString(CultureInfo.InvariantCulture),
        };
        return Create(ErrorReason.ResponseTooLarge, metadata);
    }

    /// <summary>As many calls of this kind are open as may be.</summary>
    public static RpcException TooManyCalls() => Create(ErrorReason.TooManyCalls, RetryAfter(CallRetryDelay));

    /// <summary>The change log cannot go on from the cursor.</summary>
    public static RpcException CursorOutOfRange(CursorOutOfRangeException exception) => Create(
        ErrorReason.CursorOutOfRange,
        new CursorOutOfRange { Oldest = exception.Oldest.ToMessage(), Newest = exception.Newest.ToMessage() });

    /// <summary>Nothing can be stored now.</summary>
    public static RpcException StoreNotWritable() => Create(ErrorReason.StoreNotWritable, RetryAfter(WriteRetryDelay));

    /// <summary>The server stops.</summary>
    public static RpcException ShuttingDown() => Create(ErrorReason.ShuttingDown, RetryAfter(RestartRetryDelay));

    /// <summary>A failure that needs no details beyond its reason.</summary>
    public static RpcException Create(ErrorReason reason) => Create(reason, metadata: null);

    private static RpcException Create(ErrorReason reason, params IMessage[] details) => Create(reason, metadata: null, details);

    private static RpcException Create(ErrorReason reason, Dictionary<string, string>? metadata, params IMessage[] details)
    {
        ErrorRow row = ErrorTable.Find(reason);
        var info = new ErrorInfo { Domain = Domain, Reason = row.Name };
        if (metadata is not null)
            info.Metadata.Add(metadata);

        var status = new Google.Rpc.Status { Code = (int)row.Code, Message = row.Message, Details = { Any.Pack(info) } };
        foreach (IMessage detail in details)
            status.Details.Add(Any.Pack(detail));
        return status.ToRpcException();
    }

    private static RetryInfo RetryAfter(TimeSpan delay) => new() { RetryDelay = Duration.FromTimeSpan(delay) };
}
