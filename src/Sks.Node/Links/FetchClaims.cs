namespace Sks.Node.Links;

/// <summary>Sees to it that what several peers offer at once is fetched from one of them. For any number of threads.</summary>
/// <remarks>A claim ends when its link releases it, and not by time: whoever claims releases, or releases all when it ends.</remarks>
public sealed class FetchClaims
{
    /// <summary>How many links are remembered for one claim, beside the one that has it.</summary>
    public const int MaxWaiting = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, Claim> _claims = [];
    private readonly Dictionary<NodeId, List<Subscription>> _subscriptions = [];

    /// <summary>Claims certificates for one link.</summary>
    /// <param name="link">Who wants to fetch.</param>
    /// <param name="prefix">First 8 bytes of the content digest, big-endian.</param>
    /// <returns>
    /// Whether to fetch: false when another link does; then <paramref name="link"/> is remembered for the case that it fails, unless
    /// <see cref="MaxWaiting"/> others are. False also when the link itself does so already.
    /// </returns>
    public bool TryClaim(NodeId link, ulong prefix)
    {
        lock (_lock)
        {
            if (!_claims.TryGetValue(prefix, out Claim? claim))
            {
                _claims.Add(prefix, new Claim(link));
                return true;
            }

            if (claim.Owner == link)
            {
                bool isHandedOver = claim.IsHandedOver;
                claim.IsHandedOver = false;
                return isHandedOver;
            }

            if (claim.Waiting.Count < MaxWaiting && !claim.Waiting.Contains(link))
                claim.Waiting.Add(link);
            return false;
        }
    }

    /// <summary>Ends a claim. When it came to nothing, the next link that had wanted it gets it and is told.</summary>
    /// <param name="link">Whose claim it is; nothing happens when it is not.</param>
    /// <param name="prefix">Of what.</param>
    /// <param name="isSettled">Whether nobody needs to fetch it any more: it is held now, or will not be taken from anyone.</param>
    public void Release(NodeId link, ulong prefix, bool isSettled)
    {
        List<(Action<ulong> Fetch, ulong Prefix)> calls = [];
        lock (_lock)
        {
            if (_claims.TryGetValue(prefix, out Claim? claim) && claim.Owner == link)
                HandOver(prefix, claim, isSettled, calls);
        }

        Tell(calls);
    }

    /// <summary>Ends all claims of a link that is gone.</summary>
    public void ReleaseAll(NodeId link)
    {
        List<(Action<ulong> Fetch, ulong Prefix)> calls = [];
        lock (_lock)
        {
            foreach (Claim claim in _claims.Values)
                claim.Waiting.Remove(link);
            foreach ((ulong prefix, Claim claim) in _claims.Where(one => one.Value.Owner == link).ToList())
                HandOver(prefix, claim, isSettled: false, calls);
        }

        Tell(calls);
    }

    /// <summary>Has <paramref name="fetch"/> called with prefixes that have become free for a link.</summary>
    /// <param name="link">Which one.</param>
    /// <param name="fetch">
    /// Called by whoever releases, outside of all locks: to be quick and not to throw. The link has the claim then already; when it claims it once more, it
    /// is told to fetch, once.
    /// </param>
    /// <returns>Ends the subscription. Without one, a link is passed over.</returns>
    public IDisposable Subscribe(NodeId link, Action<ulong> fetch)
    {
        var subscription = new Subscription(this, link, fetch);
        lock (_lock)
        {
            if (!_subscriptions.TryGetValue(link, out List<Subscription>? all))
                _subscriptions.Add(link, all = []);
            all.Add(subscription);
        }

        return subscription;
    }

    // Lock holder only.
    private void HandOver(ulong prefix, Claim claim, bool isSettled, List<(Action<ulong> Fetch, ulong Prefix)> calls)
    {
        while (!isSettled && claim.Waiting.Count > 0)
        {
            NodeId next = claim.Waiting[0];
            claim.Waiting.RemoveAt(0);
            if (!_subscriptions.TryGetValue(next, out List<Subscription>? subscriptions))
                continue;
            claim.Owner = next;
            claim.IsHandedOver = true;
            calls.Add((subscriptions[^1].Fetch, prefix));
            return;
        }

        _claims.Remove(prefix);
    }

    private static void Tell(List<(Action<ulong> Fetch, ulong Prefix)> calls)
    {
        foreach ((Action<ulong> fetch, ulong prefix) in calls)
            fetch(prefix);
    }

    private void Remove(Subscription subscription)
    {
        lock (_lock)
        {
            if (_subscriptions.TryGetValue(subscription.Link, out List<Subscription>? all) && all.Remove(subscription) && all.Count == 0)
                _subscriptions.Remove(subscription.Link);
        }
    }

    private sealed class Claim(NodeId owner)
    {
        public NodeId Owner { get; set; } = owner;

        public bool IsHandedOver { get; set; }

        public List<NodeId> Waiting { get; } = [];
    }

    private sealed class Subscription(FetchClaims claims, NodeId link, Action<ulong> fetch) : IDisposable
    {
        public NodeId Link { get; } = link;

        public Action<ulong> Fetch { get; } = fetch;

        public void Dispose() => claims.Remove(this);
    }
}
