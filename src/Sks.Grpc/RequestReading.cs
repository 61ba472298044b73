using System.Globalization;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Sks.Admin.V1;
using Sks.Keys.V1;
using Sks.Node;
using Sks.OpenPgp;

namespace Sks.Grpc;

/// <summary>Reads what a request asks for. What it cannot mean becomes INVALID_ARGUMENT with the field's name.</summary>
internal static class RequestReading
{
    // Longer than user IDs get, and short enough to be no work.
    private const int MaxQueryBytes = 4096;

    /// <exception cref="RpcException">The request is not valid.</exception>
    public static CertificateSelector ReadSelector(this GetRequest request) => request.SelectorCase switch
    {
        GetRequest.SelectorOneofCase.Fingerprint =>
            new CertificateSelector.ByFingerprint(ReadFingerprint(request.Fingerprint)),
        GetRequest.SelectorOneofCase.KeyId =>
            request.KeyId.Length == KeyId.Length
                ? new CertificateSelector.ByKeyId(KeyId.Read(request.KeyId.Span))
                : throw WrongLength("key_id", "8", request.KeyId),
        GetRequest.SelectorOneofCase.SksDigest =>
            request.SksDigest.Length == SksDigest.Length
                ? new CertificateSelector.ByDigest(SksDigest.Read(request.SksDigest.Span))
                : throw WrongLength("sks_digest", "16", request.SksDigest),
        _ => throw ServiceError.InvalidField("selector", "One of fingerprint, key_id and sks_digest must be given."),
    };

    /// <exception cref="RpcException">The request is not valid.</exception>
    public static Fingerprint ReadFingerprint(this ExplainRequest request) => ReadFingerprint(request.Fingerprint);

    /// <summary>What a request asked for, in hex.</summary>
    public static string DescribeSelector(this GetRequest request) => request.SelectorCase switch
    {
        GetRequest.SelectorOneofCase.Fingerprint => "fingerprint/" + Convert.ToHexString(request.Fingerprint.Span),
        GetRequest.SelectorOneofCase.KeyId => "key_id/" + Convert.ToHexString(request.KeyId.Span),
        _ => "sks_digest/" + Convert.ToHexString(request.SksDigest.Span),
    };

    /// <exception cref="RpcException">The request is not valid.</exception>
    public static CertificateSelector ReadSelector(this SearchRequest request)
    {
        switch (request.QueryCase)
        {
            case SearchRequest.QueryOneofCase.Identity:
                CheckQuery("identity", request.Identity);
                return new CertificateSelector.ByIdentity(request.Identity);

            case SearchRequest.QueryOneofCase.Words:
                CheckQuery("words", request.Words);
                return new CertificateSelector.ByWords(Encoding.UTF8.GetBytes(request.Words));

            default:
                throw ServiceError.InvalidField("query", "One of identity and words must be given.");
        }
    }

    /// <summary>Whether the packets are asked for.</summary>
    /// <exception cref="RpcException">The view is none this server knows.</exception>
    public static bool IncludesData(this CertificateView view) => view switch
    {
        CertificateView.Unspecified or CertificateView.Served or CertificateView.Full => true,
        CertificateView.Summary => false,
        _ => throw ServiceError.InvalidField("view", string.Create(CultureInfo.InvariantCulture, $"There is no view {(int)view}.")),
    };

    /// <summary>Which packets are asked for.</summary>
    public static ServedView ToServedView(this CertificateView view) => view == CertificateView.Full ? ServedView.Full : ServedView.Clean;

    private static void CheckQuery(string field, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw ServiceError.InvalidField(field, "Must not be empty.");
        if (Encoding.UTF8.GetByteCount(text) > MaxQueryBytes)
            throw ServiceError.InvalidField(field, string.Create(CultureInfo.InvariantCulture, $"Must have at most {MaxQueryBytes} bytes."));
    }

    private static Fingerprint ReadFingerprint(ByteString bytes) => Fingerprint.TryCreate(bytes.Span, out Fingerprint fingerprint)
        ? fingerprint
        : throw WrongLength("fingerprint", "16, 20 or 32", bytes);

    private static RpcException WrongLength(string field, string allowed, ByteString value) => ServiceError.InvalidField(
        field, string.Create(CultureInfo.InvariantCulture, $"Must have {allowed} bytes, not {value.Length}."));
}
