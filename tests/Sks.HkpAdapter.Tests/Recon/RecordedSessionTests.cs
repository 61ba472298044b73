using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Sks.HkpAdapter.Recon;
using Sks.Reconciliation;
using Sks.Reconciliation.Sessions;
using Sks.TestSupport;

namespace Sks.HkpAdapter.Tests.Recon;

/// <summary>Sessions between two real SKS, one of which this node takes the place of: it has to send the very same bytes.</summary>
public sealed class RecordedSessionTests
{
    public static MatrixTheoryData<string, string> Cases { get; } = new(RecordedSession.Names, ["initiator", "responder"]);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task This_node_sends_what_SKS_sent(string name, string role)
    {
        RecordedSession recorded = RecordedSession.Read(name);
        string other = role == "initiator" ? "responder" : "initiator";
        byte[] expected = recorded.StreamOf(role);
        ReconConfiguration own = ReadConfiguration(expected);
        var tree = new MemoryTree(recorded.ElementsOf(role), new TreeShape(own.Mbar, own.BitQuantum));
        var end = new PipeEnd();
        var connection = new ReconConnection(end, new ReconOptions(), new FakeTimeProvider());

        Task<ReconOutcome> running = connection.RunAsync(
            own,
            _ => role == "initiator" ? new InitiatorSession(tree, SessionLimits.Default) : new ResponderSession(tree, SessionLimits.Default),
            TestContext.Current.CancellationToken);
        await FollowAsync(recorded, role, end, running);
        ReconOutcome outcome = await running;
        await end.Output.CompleteAsync();
        await end.ReadAsync(long.MaxValue);

        Assert.Equal(Convert.ToHexStringLower(expected), Convert.ToHexStringLower(end.Received));
        Assert.Equal((recorded.StreamOf(other).Length, expected.Length), (outcome.BytesReceived, outcome.BytesSent));
        if (name.StartsWith("reject", StringComparison.Ordinal))
        {
            Assert.Null(outcome.Session);
            Assert.StartsWith("the peer was refused: ", outcome.Failure, StringComparison.Ordinal);
        }
        else
        {
            Assert.Null(outcome.Failure);
            Assert.Equal(SessionEnd.Completed, outcome.Session!.End);
            Assert.Equal(RecordedSession.Parse(recorded.OnlyAt(other)).Order(), outcome.Session.RemoteOnly);
            Assert.Equal(ReadConfiguration(recorded.StreamOf(other)).HttpPort, outcome.Peer!.HttpPort);
        }
    }

    // Sends what the other side sent, each as soon as this node has sent all that came before it.
    private static async Task FollowAsync(RecordedSession recorded, string role, PipeEnd end, Task running)
    {
        long before = 0;
        foreach (RecordedEvent step in recorded.Events)
        {
            if (step.From == role)
            {
                before += step.Bytes.Length;
            }
            else
            {
                Task<bool> reading = end.ReadAsync(before);
                await Task.WhenAny(reading, Task.WhenAll(running, Task.Delay(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)));
                Assert.True(reading.IsCompleted, $"Waits for {before} bytes, has {end.Received.Length}.");
                await end.SendAsync(step.Bytes);
            }
        }
    }

    internal static ReconConfiguration ReadConfiguration(byte[] stream)
    {
        var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>(stream));
        Assert.Equal(OperationStatus.Done, ReconHandshake.TryReadConfiguration(ref reader, out IReadOnlyDictionary<string, byte[]>? settings));
        return new ReconConfiguration(
            ReconConfiguration.ParseFilters(Encoding.ASCII.GetString(settings!["filters"])),
            BinaryPrimitives.ReadInt32BigEndian(settings["http port"]),
            BinaryPrimitives.ReadInt32BigEndian(settings["mbar"]),
            BinaryPrimitives.ReadInt32BigEndian(settings["bitquantum"]),
            Encoding.ASCII.GetString(settings["version"]));
    }
}
