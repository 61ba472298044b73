using System.Net;
using System.Net.Sockets;

namespace Sks.TestSupport;

/// <summary>Stands between two programs that speak over TCP, counts what they say, and harms their connections as a test wants.</summary>
/// <remarks>
/// It passes bytes on and knows nothing of what they mean. Connections end with a reset (RST), as those of a machine do that lost its power. The same
/// seed draws the same lots, by the order of connections. All members may be used from several threads.
/// </remarks>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly FreePort _port = FreePort.Reserve();
    private readonly IPEndPoint _target;
    private readonly Socket _listener;
    private readonly Random _lots;
    private readonly Lock _lock = new();
    private readonly HashSet<FaultyConnection> _connections = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;
    private readonly List<Task> _passing = [];
    private FaultPlan _plan = FaultPlan.None;
    private TaskCompletionSource _flow = Flowing();
    private int _accepted;
    private int _cuts;
    private int _limited;
    private int _sincePlan;
    private long _forward;
    private long _backward;

    /// <summary>Starts to listen on a free port of 127.0.0.1.</summary>
    /// <param name="target">Where connections are passed on to; it need not listen yet.</param>
    /// <param name="seed">Draws the lots.</param>
    public FaultProxy(IPEndPoint target, int seed = 1)
    {
        _target = target;
        _lots = new Random(seed);
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(_port.EndPoint);
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => _port.EndPoint;

    /// <summary>What happens to connections that come from now on.</summary>
    public FaultPlan Plan
    {
        get
        {
            lock (_lock)
                return _plan;
        }
        set
        {
            lock (_lock)
            {
                _plan = value;
                _sincePlan = 0;
            }
        }
    }

    /// <summary>Connections that were accepted.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Connections that a plan or <see cref="CutAll"/> has ended.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>Of these, those that a plan has ended.</summary>
    public int Limited => Volatile.Read(ref _limited);

    /// <summary>Connections there are now.</summary>
    public int Open
    {
        get
        {
            lock (_lock)
                return _connections.Count;
        }
    }

    /// <summary>Bytes of clients that were passed on.</summary>
    public long BytesForward => Interlocked.Read(ref _forward);

    /// <summary>Bytes of servers that were passed on.</summary>
    public long BytesBackward => Interlocked.Read(ref _backward);

    /// <summary>Bytes both ways.</summary>
    public long Bytes => BytesForward + BytesBackward;

    /// <summary>Resets all connections there are.</summary>
    public void CutAll()
    {
        lock (_lock)
        {
            foreach (FaultyConnection connection in _connections)
                connection.Reset();
            Interlocked.Add(ref _cuts, _connections.Count);
        }
    }

    /// <summary>Passes nothing on until <see cref="Resume"/>; connections stay open, and are accepted.</summary>
    public void Stall()
    {
        lock (_lock)
        {
            if (_flow.Task.IsCompleted)
                _flow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Goes on after <see cref="Stall"/>.</summary>
    public void Resume()
    {
        lock (_lock)
            _flow.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        CutAll();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task[] passing;
        lock (_lock)
            passing = [.. _passing];
        await Task.WhenAll(passing).ConfigureAwait(false);
        _stopping.Dispose();
        _port.Dispose();
    }

    private static TaskCompletionSource Flowing()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        source.SetResult();
        return source;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client = await _listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);
            FaultyConnection connection;
            lock (_lock)
            {
                _accepted++;
                bool isCut = _sincePlan++ < _plan.CutConnections;
                long? reset = _lots.NextDouble() < _plan.ResetProbability ? _lots.Next(_plan.ResetWithin) : null;
                connection = new FaultyConnection(client, isCut ? Least(_plan.CutForwardAfter, reset) : reset, isCut ? _plan.CutBackwardAfter : null);
                _connections.Add(connection);
                _passing.RemoveAll(static task => task.IsCompleted);
                _passing.Add(PassAsync(connection));
            }
        }
    }

    private static long? Least(long? one, long? other) => one is null || other < one ? other ?? one : one;

    private async Task PassAsync(FaultyConnection connection)
    {
        await Task.Yield();
        if (await connection.PassAsync(_target, FlowAsync, Count, _stopping.Token).ConfigureAwait(false))
        {
            Interlocked.Increment(ref _limited);
            Interlocked.Increment(ref _cuts);
        }

        lock (_lock)
            _connections.Remove(connection);
        connection.Dispose();
    }

    private Task FlowAsync()
    {
        lock (_lock)
            return _flow.Task.WaitAsync(_stopping.Token);
    }

    private void Count(int bytes, bool isForward)
    {
        if (isForward)
            Interlocked.Add(ref _forward, bytes);
        else
            Interlocked.Add(ref _backward, bytes);
    }
}
