using Microsoft.AspNetCore.Http;

namespace Sks.HkpAdapter.Http;

/// <summary>Knows of a connection without TLS when its client has closed it, or its own side of it, which looks the same.</summary>
/// <remarks>Look-ups are answered all the same. Submissions cost so much that they end.</remarks>
/// <param name="Gone">Cancelled when the client has closed.</param>
internal sealed record ClientPresence(CancellationToken Gone)
{
    /// <summary>Cancelled when the client of a request has closed; with TLS, the request's own token tells.</summary>
    public static CancellationToken GoneTokenOf(HttpContext context) => context.Features.Get<ClientPresence>()?.Gone ?? CancellationToken.None;
}
