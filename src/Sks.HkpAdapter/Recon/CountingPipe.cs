using System.Buffers;
using System.IO.Pipelines;

namespace Sks.HkpAdapter.Recon;

/// <summary>The two directions of a connection, with a count of what went through each.</summary>
internal sealed class CountingPipe(IDuplexPipe transport)
{
    public PipeReader Input => transport.Input;

    public PipeWriter Output => transport.Output;

    public long BytesReceived { get; private set; }

    public long BytesSent { get; set; }

    /// <summary>Gives back what was read up to <paramref name="reader"/>'s place.</summary>
    /// <param name="reader">Over the buffer of the last read.</param>
    /// <param name="examined">Whether all of the buffer was looked at, so that the next read is to bring more.</param>
    public void Advance(scoped in SequenceReader<byte> reader, bool examined)
    {
        BytesReceived += reader.Consumed;
        Input.AdvanceTo(reader.Position, examined ? reader.Sequence.End : reader.Position);
    }
}
