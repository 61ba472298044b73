using Google.Protobuf;
using Grpc.Core;
using Sks.Keys.V1;

namespace Sks.Grpc.Tests;

public class SubmitBackPressureTests
{
    private const int CertificatesPerRequest = 2000;
    private const int TooManyRequests = 100;

    // A request takes a few hundred milliseconds; one that does not get away for so long waits for us.
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(8);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Client_that_does_not_read_outcomes_stalls_itself_and_nobody_else()
    {
        await using TestServer server = await TestServer.StartAsync(configureGrpc: options =>
        {
            options.MaxConcurrentSubmissionsPerCall = 2;
            options.MaxPendingBytesPerCall = 1;
        });
        ByteString keyring = ByteString.CopyFrom(TestCertificate.CreateKeyring(1, CertificatesPerRequest));
        using AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> call = server.Keys.Submit(cancellationToken: Ended);

        (int sent, Task pending) = await SendUntilStalledAsync(call, keyring);
        Assert.True(sent < TooManyRequests, "nothing held the client back");

        // Another client gets through meanwhile.
        using AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> other = server.Keys.Submit(cancellationToken: Ended);
        await other.RequestStream.WriteAsync(new SubmitRequest { Data = ByteString.CopyFrom(TestCertificate.Create(-1).Data) }, Ended);
        Assert.True(await other.ResponseStream.MoveNext(Ended));
        Assert.Equal(SubmissionResult.Added, Assert.Single(other.ResponseStream.Current.Outcomes).Result);
        Assert.False(pending.IsCompleted);

        // Once it reads, everything it sent is answered.
        Task finishing = FinishAsync(call, pending);
        Dictionary<ulong, int> outcomes = [];
        await foreach (SubmitResponse response in call.ResponseStream.ReadAllAsync(Ended))
            outcomes[response.RequestId] = outcomes.GetValueOrDefault(response.RequestId) + response.Outcomes.Count;
        await finishing;
        Assert.Equal(sent + 1, outcomes.Count);
        Assert.All(outcomes.Values, count => Assert.Equal(CertificatesPerRequest, count));
    }

    private static async Task<(int Sent, Task Pending)> SendUntilStalledAsync(
        AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> call, ByteString keyring)
    {
        int sent = 0;
        Task pending = Task.CompletedTask;
        for (; sent < TooManyRequests; sent++)
        {
            pending = call.RequestStream.WriteAsync(new SubmitRequest { RequestId = (ulong)sent, Data = keyring }, Ended);
            if (await Task.WhenAny(pending, Task.Delay(Stalled, Ended)) != pending)
                break;
            await pending;
        }

        return (sent, pending);
    }

    private static async Task FinishAsync(AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> call, Task pending)
    {
        await pending;
        await call.RequestStream.CompleteAsync();
    }
}
