using Sks.OpenPgp;

namespace Sks.Node.Admission;

/// <summary>Shares processor time for verification between clients.</summary>
/// <remarks>
/// A client verifies at once as long as it is within its budget, which no ordinary submission comes near. Beyond, it waits for turns: one
/// submission at a time, for some milliseconds, and then the next client's, so that a flood takes one core at most, its maker's next
/// flood waits behind everybody else's first, and small submissions do not notice.
/// </remarks>
internal sealed class VerificationTurns(TimeProvider time)
{
    // In about microseconds of one core. A certificate of Debian's keyring takes 1,000, its largest 20,000.
    private const long Burst = 500_000;
    private const double RefillPerMicrosecond = 0.1;
    private const long MaxDebt = 10_000_000;
    private const long TurnCost = 10_000;
    private const int MaxClients = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Budget> _budgets = [];
    private readonly Dictionary<string, Queue<TaskCompletionSource>> _waiting = [];
    private readonly Queue<string> _rotation = [];
    private bool _isTaken;

    /// <summary>Verifies everything, now or in turns.</summary>
    /// <param name="examination">What to verify.</param>
    /// <param name="client">Whose budget it goes on; null for none.</param>
    /// <param name="cancellationToken">Gives up between turns, and while waiting for one.</param>
    public async ValueTask CompleteAsync(CertificateExamination examination, string? client, CancellationToken cancellationToken)
    {
        if (client is null)
        {
            examination.Advance(long.MaxValue);
            return;
        }

        bool isDone = false;
        while (!isDone && Reserve(client) is > 0 and long granted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long before = examination.Cost;
            isDone = examination.Advance(granted);
            GiveBack(client, granted - (examination.Cost - before));
        }

        while (!isDone)
        {
            await TakeTurnAsync(client, cancellationToken).ConfigureAwait(false);
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                isDone = examination.Advance(TurnCost);
            }
            finally
            {
                PassTurn();
            }
        }
    }

    // Taken before it is used, so that many submissions at once do not each have all of it.
    private long Reserve(string client)
    {
        lock (_lock)
        {
            Budget budget = Refill(client);
            long granted = (long)Math.Clamp(budget.Left, 0, TurnCost);
            _budgets[client] = budget with { Left = budget.Left - granted };
            if (_budgets.Count > MaxClients)
                Forget();
            return granted;
        }
    }

    // Negative where one signature cost more than was left: a debt, that certificates with one dear signature each are not for nothing.
    private void GiveBack(string client, long rest)
    {
        lock (_lock)
        {
            Budget budget = Refill(client);
            _budgets[client] = budget with { Left = Math.Clamp(budget.Left + rest, -MaxDebt, Burst) };
        }
    }

    private Budget Refill(string client)
    {
        long now = time.GetTimestamp();
        if (!_budgets.TryGetValue(client, out Budget budget))
            return new Budget(Burst, now);
        double refilled = budget.Left + (time.GetElapsedTime(budget.At, now).TotalMicroseconds * RefillPerMicrosecond);
        return new Budget(Math.Min(Burst, refilled), now);
    }

    // Whoever has a full budget again need not be remembered. When all are busy, the memory matters more than they do.
    private void Forget()
    {
        foreach (string client in _budgets.Keys.ToArray())
        {
            if (Refill(client).Left >= Burst)
                _budgets.Remove(client);
        }

        if (_budgets.Count > MaxClients)
            _budgets.Clear();
    }

    private async Task TakeTurnAsync(string client, CancellationToken cancellationToken)
    {
        TaskCompletionSource turn;
        lock (_lock)
        {
            if (!_isTaken)
            {
                _isTaken = true;
                return;
            }

            if (!_waiting.TryGetValue(client, out Queue<TaskCompletionSource>? queue))
            {
                _waiting.Add(client, queue = []);
                _rotation.Enqueue(client);
            }

            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            queue.Enqueue(turn);
        }

        // Either this cancels it or the turn is passed to it, never both.
        using CancellationTokenRegistration giveUp = cancellationToken.Register(() => turn.TrySetCanceled(cancellationToken));
        await turn.Task.ConfigureAwait(false);
    }

    private void PassTurn()
    {
        lock (_lock)
        {
            while (_rotation.TryDequeue(out string? client))
            {
                Queue<TaskCompletionSource> queue = _waiting[client];
                TaskCompletionSource next = queue.Dequeue();
                if (queue.Count > 0)
                    _rotation.Enqueue(client);
                else
                    _waiting.Remove(client);

                // Not to who has given up.
                if (next.TrySetResult())
                    return;
            }

            _isTaken = false;
        }
    }

    private readonly record struct Budget(double Left, long At);
}
