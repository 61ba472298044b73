using System.IO.Pipelines;
using Grpc.Core;
using Sks.Admin.V1;
using Sks.Node;

namespace Sks.Grpc;

/// <summary>One Import call: cuts the stream of requests into files and has each of them read.</summary>
/// <remarks>
/// Bytes of one file come at a time, but a file may still be stored while the next one is read: each commit waits for the disk,
/// and a folder of small files would otherwise wait once for every file.
/// </remarks>
internal sealed class ImportCall(SubmissionService submissions, ImportTally tally, CallEnd end) : IDisposable
{
    private const int MaxFilesUnderWay = 16;
    private const int MaxNameLength = 4096;

    private readonly SemaphoreSlim _places = new(MaxFilesUnderWay);
    private readonly List<Task> _reading = [];
    private Pipe? _file;

    /// <summary>Reads everything the client sends.</summary>
    public async Task<ImportSummary> RunAsync(IAsyncStreamReader<ImportRequest> requests)
    {
        try
        {
            while (await end.MoveNextAsync(requests).ConfigureAwait(false))
                await TakeAsync(requests.Current).ConfigureAwait(false);
            if (_file is not null)
                await _file.Writer.CompleteAsync().ConfigureAwait(false);
            await Task.WhenAll(_reading).ConfigureAwait(false);
            end.ThrowIfFailed();
        }
        catch (Exception e)
        {
            // Whatever shows here first, the call ends for the reason that came first; no file outlives its call.
            end.Fail(e);
            if (_file is not null)
                await _file.Writer.CompleteAsync(e).ConfigureAwait(false);
            await Task.WhenAll(_reading).ConfigureAwait(false);
            end.ThrowIfFailed();
        }

        return tally.GetSummary();
    }

    public void Dispose() => _places.Dispose();

    private async Task TakeAsync(ImportRequest request)
    {
        switch (request.StepCase)
        {
            case ImportRequest.StepOneofCase.File when request.File.Name.Length > MaxNameLength:
                throw ServiceError.InvalidField("file.name", "Is too long.");

            case ImportRequest.StepOneofCase.File:
                if (_file is not null)
                    await _file.Writer.CompleteAsync().ConfigureAwait(false);
                _file = null;
                await _places.WaitAsync(end.Token).ConfigureAwait(false);
                _file = new Pipe();
                tally.BeginFile(request.File.Name);
                PipeReader reader = _file.Reader;
                _reading.RemoveAll(static file => file.IsCompleted);
                _reading.Add(Task.Run(() => ReadFileAsync(reader, request.File.Name), CancellationToken.None));
                break;

            case ImportRequest.StepOneofCase.Data when _file is null:
                throw ServiceError.InvalidField("data", "A file must come first.");

            case ImportRequest.StepOneofCase.Data:
                tally.AddBytes(request.Data.Length);
                await _file.Writer.WriteAsync(request.Data.Memory, end.Token).ConfigureAwait(false);
                break;

            default:
                throw ServiceError.InvalidField("step", "One of file and data must be given.");
        }
    }

    // Ends when the file does or the call, and never fails itself: it makes the call fail.
    private async Task ReadFileAsync(PipeReader reader, string name)
    {
        try
        {
            await using Stream stream = reader.AsStream();
            await foreach (SubmissionOutcome outcome in
                submissions.ImportAsync(stream, end.Token).ConfigureAwait(false))
            {
                tally.Add(outcome, name);
            }

            tally.CompleteFile();
        }
        catch (Exception e)
        {
            end.Fail(e);
        }
        finally
        {
            _places.Release();
        }
    }
}
