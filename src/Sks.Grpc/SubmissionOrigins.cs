using System.Net;
using Sks.Node;
using Sks.Storage;

namespace Sks.Grpc;

/// <summary>Says who submits, by the name that gRPC has for the other end of a call.</summary>
internal static class SubmissionOrigins
{
    private static readonly string[] Schemes = ["ipv4:", "ipv6:"];

    /// <summary>A client by its address or network: its ports are many. Whoever may open the Unix socket is the operator.</summary>
    /// <param name="peer"><c>ipv4:127.0.0.1:50051</c>, <c>ipv6:[::1]:50051</c> or <c>unix:/path</c>.</param>
    public static SubmissionOrigin Of(string peer)
    {
        foreach (string scheme in Schemes)
        {
            if (peer.StartsWith(scheme, StringComparison.Ordinal))
                return new SubmissionOrigin(ChangeSource.Grpc, ReadAddress(peer[scheme.Length..]));
        }

        return new SubmissionOrigin(ChangeSource.Grpc, null);
    }

    // What cannot be read is still somebody.
    private static string ReadAddress(string text) => IPEndPoint.TryParse(text, out IPEndPoint? endPoint) ? ClientAddress.Of(endPoint.Address) : text;
}
