using Sks.HkpAdapter.Http;

namespace Sks.HkpAdapter.Tests;

public class ClientTurnsTests
{
    private readonly ClientTurns _turns = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_has_one_turn_at_a_time_and_others_have_theirs()
    {
        IDisposable first = await _turns.TakeAsync("192.0.2.1", Token);
        Task<IDisposable> second = _turns.TakeAsync("192.0.2.1", Token);
        using (await _turns.TakeAsync("192.0.2.2", Token))
            Assert.False(second.IsCompleted);

        first.Dispose();
        (await second).Dispose();
        Assert.Equal(0, _turns.Count);
    }

    [Fact]
    public async Task Who_gives_up_waiting_leaves_nothing()
    {
        using var gone = new CancellationTokenSource();
        using (await _turns.TakeAsync("192.0.2.1", Token))
        {
            Task<IDisposable> waiting = _turns.TakeAsync("192.0.2.1", gone.Token);
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
            Assert.Equal(1, _turns.Count);
        }

        Assert.Equal(0, _turns.Count);
        (await _turns.TakeAsync("192.0.2.1", Token)).Dispose();
    }
}
