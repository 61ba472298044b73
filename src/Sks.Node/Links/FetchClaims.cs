namespace Sks.Node.Links;

/// <summary>Sees to it that what several peers offer at once is fetched from one of them. For any number of threads.</summary>
public sealed class FetchClaims
{
    /// <summary>Claims certificates for one link.</summary>
    /// <param name="link">Who wants to fetch.</param>
    /// <param name="prefix">First 8 bytes of the content digest, big-endian.</param>
    /// <returns>Whether to fetch: false when another link does; then <paramref name="link"/> is remembered for the case that it fails.</returns>
    public bool TryClaim(NodeId link, ulong prefix) => throw new NotImplementedException();

    /// <summary>Ends a claim. When it came to nothing, the next link that had wanted it is told.</summary>
    public void Release(NodeId link, ulong prefix, bool isSettled) => throw new NotImplementedException();

    /// <summary>Ends all claims of a link that is gone.</summary>
    public void ReleaseAll(NodeId link) => throw new NotImplementedException();

    /// <summary>Has <paramref name="fetch"/> called with prefixes that have become free for a link.</summary>
    public IDisposable Subscribe(NodeId link, Action<ulong> fetch) => throw new NotImplementedException();
}
