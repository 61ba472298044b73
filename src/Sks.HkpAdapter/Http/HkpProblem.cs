namespace Sks.HkpAdapter.Http;

/// <summary>Why a request is not answered as asked.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Name">Stable name for counters and logs.</param>
/// <param name="Title">A few words for a headline.</param>
/// <param name="Text">What the client can do about it. Never holds what the client sent.</param>
internal sealed record HkpProblem(int Status, string Name, string Title, string Text)
{
    /// <summary>Methods to name in <c>Allow</c>, for a method that does not fit the path.</summary>
    public string? Allow { get; init; }

    /// <summary>Seconds to name in <c>Retry-After</c>; null for none.</summary>
    public string? RetryAfter { get; init; }
}
