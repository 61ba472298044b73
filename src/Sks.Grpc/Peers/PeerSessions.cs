using System.Collections.Concurrent;
using Sks.Node;
using Sks.Node.Peers;
using Sks.Peer.V1;

namespace Sks.Grpc.Peers;

/// <summary>The sessions with all peers: at most one with each. For any number of threads.</summary>
/// <remarks>
/// When two nodes have called each other, the call of the one with the lower id stays: both ends decide the same. A newer call of the same side replaces
/// an older one, which its maker has lost. A peer that is another process than the one that is connected, and answers, is a clone: it is refused.
/// </remarks>
internal sealed class PeerSessions(PeerContext context) : IPeerSessions
{
    private const int MaxSessions = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<NodeId, PeerSession> _established = [];
    private readonly ConcurrentDictionary<PeerSession, bool> _all = [];
    private readonly ConcurrentDictionary<NodeId, SemaphoreSlim> _turns = [];
    private readonly ConcurrentDictionary<NodeId, bool> _needNewKey = [];
    private readonly ConcurrentDictionary<NodeId, PeerBudget> _budgets = [];

    /// <summary>Whether there is a session with a peer whose hellos were exchanged.</summary>
    public bool IsConnected(NodeId peer) => _established.ContainsKey(peer);

    /// <summary>Ends when there is no such session with a peer; at once when there is none.</summary>
    public async Task WaitUntilGoneAsync(NodeId peer, CancellationToken cancellationToken)
    {
        while (_established.TryGetValue(peer, out PeerSession? session))
        {
            await session.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
            await Task.Yield();
        }
    }

    /// <summary>Runs a session until it ends.</summary>
    /// <param name="peer">Who is at the other end: proven by TLS and listed in the book.</param>
    /// <param name="role">The initiator is the client of the streams.</param>
    /// <param name="sync">The Sync stream.</param>
    /// <param name="openFetch">The client's way to open the Fetch stream; null for the server, where <see cref="AttachAsync"/> brings it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<PeerSessionEnd> RunAsync(
        NodeId peer,
        PeerRole role,
        IMessageStream<SyncMessage> sync,
        Func<CancellationToken, Task<IMessageStream<FetchMessage>>>? openFetch,
        CancellationToken cancellationToken)
    {
        if (_all.Keys.Count(other => other.Link.Peer == peer) >= MaxSessions)
            return new PeerSessionEnd(false, ErrorCode.Busy, "too many sessions at once", TimeSpan.Zero);
        PeerBudget budget = BudgetOf(peer);
        using var session = new PeerSession(context, peer, role, sync, _needNewKey.ContainsKey(peer), budget, cancellationToken);
        _all.TryAdd(session, true);
        PeerSessionEnd end;
        try
        {
            end = await session.RunAsync(openFetch, AdmitAsync).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            PeerSessionLog.Failed(context.Logger, peer, e);
            end = new PeerSessionEnd(IsEstablished(peer, session), ErrorCode.Unspecified, "failed here", TimeSpan.Zero);
        }
        finally
        {
            _all.TryRemove(session, out _);

            // The next session may be there already, and must not be shown as gone.
            if (_established.TryRemove(KeyValuePair.Create(peer, session)))
                context.Node.Peers.TryUpdate(peer.ToString(), status => status with { IsConnected = IsConnected(peer) });
        }

        if (end.Code == ErrorCode.NewKey)
            _needNewKey[peer] = true;
        else if (end.WasEstablished)
            _needNewKey.TryRemove(peer, out _);
        if (end.IsExcess)
            NoteExcess(peer, end);
        PeerSessionLog.Ended(context.Logger, peer, end.Code, end.Detail);
        return end;
    }

    /// <summary>Gives a session its Fetch stream, of which <see cref="FetchStart"/> was read; ends when the session does.</summary>
    /// <returns>Whether there was such a session without one.</returns>
    public async Task<bool> AttachAsync(NodeId peer, ReadOnlyMemory<byte> session, IMessageStream<FetchMessage> fetch, CancellationToken cancellationToken)
    {
        foreach (PeerSession candidate in _all.Keys)
        {
            if (candidate.Link.Peer != peer || !candidate.TryAttach(session.Span, fetch))
                continue;
            await candidate.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }

        return false;
    }

    private PeerBudget BudgetOf(NodeId peer) => _budgets.GetOrAdd(peer, static (_, context) => new PeerBudget(context.Options, context.Time), context);

    private void NoteExcess(NodeId peer, PeerSessionEnd end)
    {
        PeerSessionLog.Excess(context.Logger, peer, end.Detail!, end.RetryAfter);
        context.Node.Peers.TryUpdate(peer.ToString(), static status => status with { Excesses = status.Excesses + 1 });
    }

    private bool IsEstablished(NodeId peer, PeerSession session) => _established.TryGetValue(peer, out PeerSession? other) && other == session;

    private async Task AdmitAsync(PeerSession session, CancellationToken cancellationToken)
    {
        NodeId peer = session.Link.Peer;

        // This node may call all the same: then it decides what is compared.
        if (session.Client == peer)
            BudgetOf(peer).Admit();
        SemaphoreSlim turn = _turns.GetOrAdd(peer, static _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_established.TryGetValue(peer, out PeerSession? other))
                await ReplaceAsync(other, session, cancellationToken).ConfigureAwait(false);
            _established[peer] = session;
        }
        finally
        {
            turn.Release();
        }
    }

    // Returns when the other one is gone; throws when it stays.
    private async Task ReplaceAsync(PeerSession other, PeerSession session, CancellationToken cancellationToken)
    {
        NodeId peer = session.Link.Peer;
        if (!other.Theirs!.Instance.Equals(session.Theirs!.Instance))
        {
            if (await other.IsAliveAsync(Patience, cancellationToken).ConfigureAwait(false))
            {
                PeerSessionLog.Clone(context.Logger, peer);
                throw new PeerRefusedException(ErrorCode.Clone, "another process is connected under this node id");
            }
        }
        else if (other.Client != session.Client && LowerOf(other.Client, session.Client) == other.Client)
        {
            throw new PeerRefusedException(ErrorCode.Duplicate, "the connection from the other side stays");
        }

        other.Refuse(ErrorCode.Duplicate, "another connection takes its place");
        await other.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private static NodeId LowerOf(NodeId one, NodeId other) => (one.High, one.Low).CompareTo((other.High, other.Low)) < 0 ? one : other;
}
