using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Sks.HkpAdapter.Http;

/// <summary>A request body, read as a whole within bounds of size and time.</summary>
/// <remarks>
/// Memory grows with what has arrived, never with what the client announces, and counts against a budget that all requests share.
/// That the client has sent all it will send ends nothing here: some close their side and wait for the answer.
/// </remarks>
internal sealed class RequestBody : IDisposable
{
    private const int InitialLength = 4096;

    private readonly BodyBudget _budget;
    private byte[] _buffer = [];
    private int _length;

    private RequestBody(BodyBudget budget) => _budget = budget;

    /// <summary>Whether somebody else may still read the bytes when this object is disposed; then the memory is not used again.</summary>
    public bool IsLent { get; set; }

    /// <summary>The bytes.</summary>
    public Memory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>Reads the body of a request.</summary>
    /// <returns>The body, or why there is none.</returns>
    public static async Task<(RequestBody? Body, HkpProblem? Problem)> ReadAsync(
        HttpContext context, int maxBytes, TimeSpan timeout, BodyBudget budget, TimeProvider time)
    {
        if (context.Request.ContentLength > maxBytes)
            return (null, Close(context, HkpProblems.RequestTooLarge));

        var body = new RequestBody(budget);
        using var deadline = new CancellationTokenSource(timeout, time);
        try
        {
            HkpProblem? problem = await body.FillAsync(context.Request.BodyReader, maxBytes, deadline.Token);
            if (problem is null)
                return (body, null);
            body.Dispose();
            return (null, Close(context, problem));
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            body.Dispose();
            return (null, Close(context, HkpProblems.RequestTimeout));
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        _length = 0;
        _budget.Return(buffer.Length);
        if (!IsLent)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private static HkpProblem Close(HttpContext context, HkpProblem problem)
    {
        context.Response.Headers.Connection = "close";
        return problem;
    }

    private async Task<HkpProblem?> FillAsync(PipeReader reader, int maxBytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await reader.ReadAsync(cancellationToken);
            ReadOnlySequence<byte> arrived = result.Buffer;
            HkpProblem? problem = Append(arrived, maxBytes);
            reader.AdvanceTo(arrived.End);
            if (problem is not null || result.IsCompleted)
                return problem;
        }
    }

    private HkpProblem? Append(in ReadOnlySequence<byte> arrived, int maxBytes)
    {
        long needed = _length + arrived.Length;
        if (needed > maxBytes)
            return HkpProblems.RequestTooLarge;
        if (needed > _buffer.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(maxBytes, Math.Max(needed, Math.Max(InitialLength, 2L * _buffer.Length))));
            if (!_budget.TryTake(larger.Length))
            {
                ArrayPool<byte>.Shared.Return(larger);
                return HkpProblems.Overloaded;
            }

            Bytes.CopyTo(larger);
            _budget.Return(_buffer.Length);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        arrived.CopyTo(_buffer.AsSpan(_length));
        _length = (int)needed;
        return null;
    }
}
