using System.Text;
using Microsoft.Extensions.Time.Testing;
using Sks.HkpAdapter.Recon;
using Sks.Reconciliation.Sessions;
using Sks.TestSupport;

namespace Sks.HkpAdapter.Tests.Recon;

/// <summary>Inputs that a real SKS was given: this node answers with the same bytes, except where the table says what is better.</summary>
public sealed class RecordedProbeTests
{
    private static readonly string Unreadable = Verdict("Error parsing configdata: version is not three numbers");

    /// <summary>What this node sends instead, behind its settings, and why.</summary>
    private static readonly Dictionary<string, (string Sent, string Why)> Better = new()
    {
        ["version 1.1.6+"] = (Unreadable, "the same refusal, and it says what is wrong"),
        ["version 2.1.0.5"] = (Unreadable, "the same refusal, and it says what is wrong"),
        ["version 2.1"] = (Unreadable, "the same refusal, and it says what is wrong"),
        ["mbar as decimal text \"5\""] = (
            Verdict("Error parsing configdata: mbar is shorter than four bytes"), "the same refusal, and it says what is wrong"),
        ["http port missing"] = (Verdict("Missing entry in configdata"), "SKS passes the peer, then fails without a word"),
        ["full deep non-existent node (prefix of 20 bits)"] = (
            "00000006706173736564" + "0000001602000000010018b294c978cb9452629b6d4eaecc3000", "the tree has an answer for every prefix"),
        ["poly deep non-existent node"] = (
            "00000006706173736564" + "0000001602000000010018b294c978cb9452629b6d4eaecc3000", "the tree has an answer for every prefix"),
        ["two polys without flush then done"] = (
            "00000006706173736564" + "000000050200000000" + "000000050200000000", "answers are sent without being asked for again"),
    };

    /// <summary>What ended because the other side closed the connection.</summary>
    private static readonly HashSet<string> EndedByPeer = ["immediate EOF"];

    public static TheoryData<string> Responder { get; } = [.. RecordedProbes.All.Responder.Select(static probe => probe.Case)];

    public static TheoryData<string> Initiator { get; } = [.. RecordedProbes.All.Initiator.Select(static probe => probe.Case)];

    [Theory]
    [MemberData(nameof(Responder))]
    public Task As_responder(string name) => ProbeAsync(
        RecordedProbes.All.Responder.Single(probe => probe.Case == name), static tree => new ResponderSession(tree, SessionLimits.Default));

    [Theory]
    [MemberData(nameof(Initiator))]
    public Task As_initiator(string name) => ProbeAsync(
        RecordedProbes.All.Initiator.Single(probe => probe.Case == name), static tree => new InitiatorSession(tree, SessionLimits.Default));

    [Fact]
    public void Everything_in_the_table_was_probed() => Assert.Empty(
        Better.Keys.Except(RecordedProbes.All.Responder.Concat(RecordedProbes.All.Initiator).Select(static probe => probe.Case)));

    private static async Task ProbeAsync(RecordedProbe probe, Func<MemoryTree, ReconciliationSession> begin)
    {
        byte[] got = Convert.FromHexString(probe.Got);
        ReconConfiguration own = RecordedSessionTests.ReadConfiguration(got);
        int settings = 4 + (got[2] << 8) + got[3];
        string expected = Better.TryGetValue(probe.Case, out (string Sent, string Why) better)
            ? probe.Got[..(2 * settings)] + better.Sent
            : probe.Got;
        var end = new PipeEnd();
        var connection = new ReconConnection(end, new ReconOptions(), new FakeTimeProvider());
        await end.SendAsync(Convert.FromHexString(probe.Sent));

        Task<ReconOutcome> running = connection.RunAsync(
            own, _ => begin(new MemoryTree(RecordedSession.Parse(RecordedProbes.All.Elements))), TestContext.Current.CancellationToken);
        await Task.WhenAny(end.ReadAsync(expected.Length / 2), running);
        bool hasEnded = running.IsCompleted;
        await end.CloseAsync();
        ReconOutcome outcome = await running;
        await end.Output.CompleteAsync();
        await end.ReadAsync(long.MaxValue);

        Assert.Equal(expected, Convert.ToHexStringLower(end.Received));
        string? failure = outcome.Failure;
        bool closedByPeer = failure is not null && failure.StartsWith("the peer closed", StringComparison.Ordinal);
        if (probe.End == "OPEN")
            Assert.True(closedByPeer && !hasEnded, failure);
        else if (!EndedByPeer.Contains(probe.Case))
            Assert.False(closedByPeer, failure);
    }

    private static string Verdict(string reason) =>
        "00000006" + Convert.ToHexStringLower("failed"u8) + reason.Length.ToString("x8", null) + Convert.ToHexStringLower(Encoding.ASCII.GetBytes(reason));
}
