using Sks.Grpc.Peers;
using Sks.Peer.V1;

namespace Sks.Grpc.Tests;

/// <summary>The other end of a Sync stream, in the hands of a test.</summary>
internal sealed class ScriptedPeer(IMessageStream<SyncMessage> stream)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Called with what the other side says first.</summary>
    public Action<Hello>? Greeted { get; init; }

    /// <summary>Its end of the Fetch stream.</summary>
    public MemoryDuplex<FetchMessage>? Fetch { get; init; }

    public Task SendAsync(SyncMessage message) => stream.WriteAsync(message, Token);

    /// <summary>Reads until an error comes.</summary>
    public async Task<Error> ReadErrorAsync()
    {
        await foreach (SyncMessage message in stream.ReadAsync(Token))
        {
            if (message.KindCase == SyncMessage.KindOneofCase.Hello)
                Greeted?.Invoke(message.Hello);
            if (message.KindCase == SyncMessage.KindOneofCase.Error)
                return message.Error;
        }

        throw new InvalidOperationException("The stream ended without an error.");
    }
}
