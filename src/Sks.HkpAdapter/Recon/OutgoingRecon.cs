using System.IO.Pipelines;
using System.Net.Sockets;

namespace Sks.HkpAdapter.Recon;

/// <summary>A connection to a peer that this node has made.</summary>
public sealed class OutgoingRecon : IDuplexPipe, IAsyncDisposable
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>So many bytes leave in one piece.</summary>
    internal const int WriteBytes = 256 * 1024;

    private readonly NetworkStream _stream;

    internal OutgoingRecon(Socket socket, ReconOptions options, TimeProvider time)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        Input = PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: BufferBytes, leaveOpen: true));
        Output = PipeWriter.Create(_stream, new StreamPipeWriterOptions(minimumBufferSize: WriteBytes, leaveOpen: true));
        Connection = new ReconConnection(this, options, time);
    }

    /// <summary>To run a session as the initiator on.</summary>
    public ReconConnection Connection { get; }

    /// <inheritdoc/>
    public PipeReader Input { get; }

    /// <inheritdoc/>
    public PipeWriter Output { get; }

    /// <summary>Closes it.</summary>
    public async ValueTask DisposeAsync() => await _stream.DisposeAsync();
}
