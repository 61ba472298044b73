using System.Runtime.InteropServices;

namespace Sks.HkpAdapter.Http;

/// <summary>Lets each client do one thing at a time, so that it cannot take all the places that are meant for all.</summary>
/// <remarks>Only clients that have a turn or wait for one are remembered.</remarks>
internal sealed class ClientTurns
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Gate> _gates = [];

    /// <summary>How many clients have a turn or wait for one.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _gates.Count;
        }
    }

    /// <summary>Waits until nobody else has this client's turn.</summary>
    /// <param name="client">The client.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The turn; it passes on when disposed.</returns>
    public async Task<IDisposable> TakeAsync(string client, CancellationToken cancellationToken)
    {
        Gate gate = Enter(client);
        try
        {
            await gate.Turn.WaitAsync(cancellationToken);
        }
        catch
        {
            Leave(client, gate);
            throw;
        }

        return new Turn(this, client, gate);
    }

    private Gate Enter(string client)
    {
        lock (_lock)
        {
            ref Gate? gate = ref CollectionsMarshal.GetValueRefOrAddDefault(_gates, client, out _);
            gate ??= new Gate();
            gate.Users++;
            return gate;
        }
    }

    private void Leave(string client, Gate gate)
    {
        lock (_lock)
        {
            if (--gate.Users > 0)
                return;
            _gates.Remove(client);
        }

        gate.Turn.Dispose();
    }

    private sealed class Gate
    {
        public SemaphoreSlim Turn { get; } = new(1);

        public int Users { get; set; }
    }

    private sealed class Turn(ClientTurns turns, string client, Gate gate) : IDisposable
    {
        public void Dispose()
        {
            gate.Turn.Release();
            turns.Leave(client, gate);
        }
    }
}
