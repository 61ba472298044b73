namespace Sks.TestSupport;

/// <summary>Runs <c>buf curl</c>: a gRPC client that shares no code with ours.</summary>
/// <remarks>It learns the messages from the server's reflection service, unless told otherwise by <c>--schema</c>.</remarks>
public static class BufTool
{
    /// <summary>Calls one method over HTTP/2 without TLS. Skips or fails the test when buf is not installed.</summary>
    /// <param name="server"><c>http://ADDRESS:PORT</c>; over a Unix socket its host only goes into the request, say <c>http://localhost</c>.</param>
    /// <param name="method">Full name: <c>sks.keys.v1.KeyService/Get</c>.</param>
    /// <param name="json">Request message; several one after the other for a client stream.</param>
    /// <param name="unixSocket">Path of a Unix socket to connect to.</param>
    /// <param name="arguments">Further arguments.</param>
    /// <returns>
    /// Responses as JSON on standard output. A gRPC error goes to standard error as JSON (<c>code</c>, <c>message</c>), with exit code
    /// 8 times the status code. When the server cannot be reached, it is the schema that is missing: exit code 1, "failed to find service".
    /// </returns>
    public static Task<ProcessResult> CallAsync(
        Uri server,
        string method,
        string json = "{}",
        string? unixSocket = null,
        IReadOnlyList<string>? arguments = null,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default)
    {
        string[] socket = unixSocket is null ? [] : ["--unix-socket", unixSocket];
        return CurlAsync(
            [.. socket, "-d", json, .. arguments ?? [], new Uri(server, method).ToString()], timeout, cancellationToken);
    }

    /// <summary>Full names of all methods that the server's reflection service tells of.</summary>
    public static async Task<IReadOnlyList<string>> ListMethodsAsync(
        Uri server, string? unixSocket = null, CancellationToken cancellationToken = default)
    {
        string[] socket = unixSocket is null ? [] : ["--unix-socket", unixSocket];
        var result = await CurlAsync([.. socket, "--list-methods", server.ToString()], null, cancellationToken).ConfigureAwait(false);
        return result.EnsureSuccess().OutputLines;
    }

    private static Task<ProcessResult> CurlAsync(
        IReadOnlyList<string> arguments, TimeSpan? timeout, CancellationToken cancellationToken) =>
        ProcessRunner.RunAsync(
            new ProcessCommand(InteropTool.Require("buf"), ["curl", "--http2-prior-knowledge", "--protocol", "grpc", .. arguments]),
            timeout,
            cancellationToken);
}
