using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Sks.HkpAdapter.Recon;
using Sks.OpenPgp;
using Sks.Reconciliation;
using Sks.Reconciliation.Messages;
using Sks.Reconciliation.Sessions;
using Sks.TestSupport;

namespace Sks.HkpAdapter.Tests.Recon;

/// <summary>Sessions with Hockeypuck 2.3.3 as they were recorded: tests/testdata/hockeypuck. It writes sets in no particular order, so they are sorted before comparing.</summary>
public sealed class HockeypuckSessionTests
{
    private static readonly ReconDialect Spoken = ReconDialect.All.Single(static dialect => dialect.View == Dialect.Hockeypuck23);
    private static readonly TreeShape Shape = new(LeafSize: 51);
    private static readonly SessionLimits Limits = new ReconOptions().ToSessionLimits(Spoken);

    // What this node answers to a probe in another way, and why.
    private static readonly Dictionary<string, string> Differences = new()
    {
        ["full-deeper"] = "elements outside the prefix are not sent",
        ["syncfail"] = "the session ends without an error frame, which nobody reads",
        ["error"] = "the same",
        ["too-few-samples"] = "that breaks what both have agreed on, and ends the session",
    };

    private static readonly JsonElement InitiatorProbes = ReadJson("probes-initiator.json");

    public static MatrixTheoryData<string, string> Sessions { get; } =
        new(["identical-400", "diff10-400", "diff150-410", "fullelements-20-vs-400"], ["initiator", "responder"]);

    public static TheoryData<string> Probes { get; } = [.. InitiatorProbes.GetProperty("probes").EnumerateObject().Select(static probe => probe.Name)];

    [Theory]
    [MemberData(nameof(Sessions))]
    public async Task Recorded_session_is_held_in_its_place(string name, string role)
    {
        JsonElement recorded = ReadJson($"session-{name}.json");
        string other = role == "initiator" ? "responder" : "initiator";
        var tree = new MemoryTree(Elements(recorded, role), Shape);
        var end = new PipeEnd();
        var connection = new ReconConnection(end, new ReconOptions(), new FakeTimeProvider());
        byte[] expected = StreamOf(recorded, role);
        Task<ReconOutcome> running = connection.RunAsync(
            RecordedSessionTests.ReadConfiguration(expected),
            _ => role == "initiator" ? new InitiatorSession(tree, Limits) : new ResponderSession(tree, Limits),
            TestContext.Current.CancellationToken);
        await FollowAsync(recorded, role, end, running);
        ReconOutcome outcome = await running;
        await end.Output.CompleteAsync();
        await end.ReadAsync(long.MaxValue);

        Assert.Null(outcome.Failure);
        Assert.Equal(SessionEnd.Completed, outcome.Session!.End);
        Assert.Equal(Elements(recorded, other).Except(Elements(recorded, role)).Order(), outcome.Session.RemoteOnly);

        // One of few elements answers the requests of nodes that it has not with all it has; this node answers with what belongs there.
        if (name == "fullelements-20-vs-400" && role == "initiator")
            Assert.Equal(Elements(recorded, role).Order(), SentElements(end.Received).Distinct().Order());
        else
            Assert.Equal(Describe(expected), Describe(end.Received));
    }

    [Theory]
    [MemberData(nameof(Probes))]
    public async Task Recorded_probe_of_an_initiator_is_answered_alike(string name)
    {
        JsonElement probe = InitiatorProbes.GetProperty("probes").GetProperty(name);
        ReconConfiguration own = new ReconConfiguration([], 11371).For(Spoken);
        var end = new PipeEnd();
        var connection = new ReconConnection(end, new ReconOptions(), new FakeTimeProvider());
        var tree = new MemoryTree(
            RecordedSession.Parse(InitiatorProbes.GetProperty("initiator_hashes").EnumerateArray().Select(static hash => hash.GetString()!)), Shape);
        Task<ReconOutcome> running = connection.RunAsync(own, _ => new InitiatorSession(tree, Limits), TestContext.Current.CancellationToken);
        var handshake = new ArrayBufferWriter<byte>();
        int settings = ReconHandshake.WriteConfiguration(handshake, own);
        int before = settings + ReconHandshake.WriteVerdict(handshake, null);
        await end.SendAsync([.. handshake.WrittenSpan, .. Convert.FromHexString(probe.GetProperty("request").GetString()!)]);
        List<string> expected = Describe([.. handshake.WrittenSpan, .. Convert.FromHexString(probe.GetProperty("reply").GetString()!)]);

        // All that is to be said to what has come so far is said before the other side is heard again.
        int reply = Differences.ContainsKey(name) ? 1 : probe.GetProperty("reply").GetString()!.Length / 2;
        await Task.WhenAny(end.ReadAsync(before + reply), running);
        await end.CloseAsync();
        await running;
        await end.Output.CompleteAsync();
        await end.ReadAsync(long.MaxValue);
        if (Differences.ContainsKey(name))
            Assert.NotEqual(expected, Describe(end.Received));
        else
            Assert.Equal(expected, Describe(end.Received));
    }

    [Fact]
    public void Filters_are_announced_byte_for_byte()
    {
        byte[] stream = StreamOf(ReadJson("session-identical-400.json"), "responder");
        var written = new ArrayBufferWriter<byte>();
        ReconHandshake.WriteConfiguration(written, new ReconConfiguration([], RecordedSessionTests.ReadConfiguration(stream).HttpPort).For(Spoken));
        Assert.Equal(
            string.Join(',', RecordedSessionTests.ReadConfiguration(stream).Filters),
            string.Join(',', RecordedSessionTests.ReadConfiguration(written.WrittenSpan.ToArray()).Filters));
        Assert.Equal(Spoken, ReconDialect.FindByFilters(RecordedSessionTests.ReadConfiguration(stream).Filters, ["yminsky.dedup", "yminsky.merge"]));
    }

    // Sends what the other side sent, each as soon as this node has sent as many messages as came before it.
    private static async Task FollowAsync(JsonElement recorded, string role, PipeEnd end, Task running)
    {
        List<byte> before = [];
        foreach (JsonElement step in recorded.GetProperty("events").EnumerateArray())
        {
            byte[] bytes = Convert.FromHexString(step.GetProperty("hex").GetString()!);
            if (step.GetProperty("from").GetString() == role)
            {
                before.AddRange(bytes);
                continue;
            }

            // Where answers differ in length, the end of a round is all there is to wait for.
            Task reading = role == "initiator" && before.Count > 400 ? Task.CompletedTask : end.ReadAsync(before.Count);
            await Task.WhenAny(reading, Task.WhenAll(running, Task.Delay(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)));
            Assert.True(reading.IsCompleted, $"Waits for {before.Count} bytes, has {end.Received.Length}.");
            await end.SendAsync(bytes);
        }
    }

    private static List<string> Describe(byte[] stream)
    {
        List<string> messages = [];
        List<Element> open = [];
        foreach (ReconMessage message in Read(stream))
        {
            if (message is ElementsPart part)
            {
                open.AddRange(part.Elements);
                messages[^1] = $"Elements {Sorted(open)}";
                continue;
            }

            open.Clear();
            messages.Add(message switch
            {
                PolynomialRequest request => $"Polynomial {request.Prefix} {request.Count} {string.Join(' ', request.Samples)}",
                FullRequest request => $"Full {request.Prefix} {Sorted(request.Elements)}",
                ElementsHeader => "Elements ",
                FullElements all => $"FullElements {Sorted(all.Elements)}",
                _ => message.GetType().Name,
            });
        }

        return messages;
    }

    private static IEnumerable<Element> SentElements(byte[] stream) =>
        Read(stream).OfType<ElementsPart>().SelectMany(static part => part.Elements);

    private static List<ReconMessage> Read(byte[] stream)
    {
        var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>(stream));
        Assert.Equal(OperationStatus.Done, ReconHandshake.TryReadConfiguration(ref reader, out _));
        Assert.Equal(OperationStatus.Done, ReconHandshake.TryReadVerdict(ref reader, out string? reason));
        Assert.Null(reason);
        var parser = new MessageReader(MessageLimits.Default);
        List<ReconMessage> messages = [];
        while (parser.TryRead(ref reader, out ReconMessage? message) == OperationStatus.Done)
            messages.Add(message!);
        return messages;
    }

    private static string Sorted(IEnumerable<Element> elements) => string.Join(' ', elements.Order());

    private static byte[] StreamOf(JsonElement recorded, string role) =>
    [
        .. recorded.GetProperty("events").EnumerateArray()
            .Where(step => step.GetProperty("from").GetString() == role)
            .SelectMany(static step => Convert.FromHexString(step.GetProperty("hex").GetString()!)),
    ];

    private static IReadOnlyList<Element> Elements(JsonElement recorded, string role) =>
        RecordedSession.Parse(recorded.GetProperty($"{role}_hashes").EnumerateArray().Select(static hash => hash.GetString()!));

    private static JsonElement ReadJson(string file) => JsonDocument.Parse(TestData.Read("hockeypuck", file)).RootElement;
}
