using Sks.Reconciliation.Messages;
using Sks.Reconciliation.Sessions;

namespace Sks.Reconciliation.Tests;

/// <summary>The loop of the package's README, which has to come to an end however a session ends.</summary>
public sealed class ReadmeTests
{
    private static readonly List<Element> Many = [.. SomeElements.First(20_000).Distinct().Where(TreeShape.Default.CanHold).Order()];

    public static TheoryData<SessionLimits, SessionEnd> Ends { get; } = new()
    {
        { SessionLimits.Default, SessionEnd.Completed },
        { new SessionLimits { MaxDifferences = 100 }, SessionEnd.LimitReached },
        { new SessionLimits { BootstrapThreshold = 10_000 }, SessionEnd.PeerIsMuchLarger },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void It_ends_for_an_initiator_that_has_nothing(SessionLimits limits, SessionEnd end)
    {
        var asked = new InitiatorSession(TreeOf([]), limits);
        Run(asked, new ResponderSession(TreeOf(Many), limits));

        Assert.Equal(end, asked.GetResult().End);
        if (end == SessionEnd.Completed)
            Assert.Equal(Many, asked.GetResult().RemoteOnly);
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void It_ends_for_a_responder_that_has_nothing(SessionLimits limits, SessionEnd end)
    {
        var asking = new ResponderSession(TreeOf([]), limits);
        Run(new InitiatorSession(TreeOf(Many), limits), asking);

        Assert.Equal(end, asking.GetResult().End);
        if (end == SessionEnd.Completed)
            Assert.Equal(Many, asking.GetResult().RemoteOnly);
    }

    [Fact]
    public void It_ends_after_a_violation()
    {
        var asked = new InitiatorSession(TreeOf(Many), SessionLimits.Default);
        asked.Violate("it does not matter what");
        Run(asked, new ResponderSession(TreeOf([]), SessionLimits.Default));
    }

    private static PartitionTree TreeOf(IEnumerable<Element> elements) =>
        new PartitionTree(MemoryNodeStore.Build(elements, TreeShape.Default), TreeShape.Default);

    private static void Run(InitiatorSession asked, ResponderSession asking)
    {
        for (int steps = 0; !asked.IsEnded || !asking.IsEnded; steps++)
        {
            Assert.True(steps < 1_000_000, "It goes on without end.");
            if (asking.TryTake(out ReconMessage? question))
                asked.Receive(question);
            else if (asked.TryTake(out ReconMessage? answer))
                asking.Receive(answer);
            else if (!asked.IsEnded && !asking.IsEnded)
                asking.Pause();
            else
                (asked.IsEnded ? (ReconciliationSession)asking : asked).Close(); // nothing more comes from the other
        }
    }
}
