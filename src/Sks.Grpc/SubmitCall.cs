using System.Threading.Channels;
using Grpc.Core;
using Sks.Keys.V1;
using Sks.Node;
using SubmissionOutcome = Sks.Node.SubmissionOutcome;

namespace Sks.Grpc;

/// <summary>One Submit call: a task that reads requests, one per request under way, and the caller, which writes the answers.</summary>
/// <remarks>
/// Back-pressure is a chain: the client does not read, so writing waits, so the queue of answers is full, so submissions do not
/// leave the window, so no more requests are read, so HTTP/2 flow control stops the client. Other calls have chains of their own.
/// </remarks>
internal sealed class SubmitCall(SubmissionService submissions, SubmissionOrigin origin, GrpcOptions options, CallEnd end)
{
    private const int MaxOutcomesPerResponse = 256;
    private const int MaxQueuedResponses = 16;

    private readonly SubmissionWindow _window = new(options.MaxConcurrentSubmissionsPerCall, options.MaxPendingBytesPerCall);

    private readonly Channel<SubmitResponse> _answers =
        Channel.CreateBounded<SubmitResponse>(new BoundedChannelOptions(MaxQueuedResponses) { SingleReader = true });

    /// <summary>Runs until the client has sent everything and got all answers.</summary>
    public async Task RunAsync(
        IAsyncStreamReader<SubmitRequest> requests, IServerStreamWriter<SubmitResponse> responses, CancellationToken callCancelled)
    {
        _ = ReadAsync(requests);
        try
        {
            await foreach (SubmitResponse answer in _answers.Reader.ReadAllAsync(end.Token).ConfigureAwait(false))
                await responses.WriteAsync(answer, callCancelled).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            end.Fail(e);

            // No submission outlives its call.
            await _window.WhenEmptyAsync(CancellationToken.None).ConfigureAwait(false);
            end.ThrowIfFailed();
        }
    }

    private async Task ReadAsync(IAsyncStreamReader<SubmitRequest> requests)
    {
        try
        {
            while (await end.MoveNextAsync(requests).ConfigureAwait(false))
            {
                SubmitRequest request = requests.Current;
                await _window.EnterAsync(request.Data.Length, end.Token).ConfigureAwait(false);
                _ = Task.Run(() => SubmitAsync(request), CancellationToken.None);
            }

            await _window.WhenEmptyAsync(end.Token).ConfigureAwait(false);

            // A request that fails leaves the window, and that may be seen before the end of the call is.
            end.ThrowIfFailed();
            _answers.Writer.TryComplete();
        }
        catch (Exception e)
        {
            end.Fail(e);
        }
    }

    private async Task SubmitAsync(SubmitRequest request)
    {
        try
        {
            IAsyncEnumerable<SubmissionOutcome> outcomes = submissions.SubmitAsync(request.Data.Memory, origin, end.Token);
            await foreach (ReadyGroup<SubmissionOutcome> group in
                outcomes.GroupReadyAsync(MaxOutcomesPerResponse, announceStart: false, end.Token).ConfigureAwait(false))
            {
                var response = new SubmitResponse { RequestId = request.RequestId, Complete = group.IsLast };
                response.Outcomes.AddRange(group.Items.Select(static outcome => outcome.ToMessage()));
                await _answers.Writer.WriteAsync(response, end.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            end.Fail(e);
        }
        finally
        {
            _window.Leave(request.Data.Length);
        }
    }
}
