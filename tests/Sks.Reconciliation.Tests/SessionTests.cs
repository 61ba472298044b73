using Sks.Reconciliation.Messages;
using Sks.Reconciliation.Sessions;
using Sks.TestSupport;

namespace Sks.Reconciliation.Tests;

/// <summary>Both sides of a session, against each other and against a peer that does what it may not.</summary>
public sealed class SessionTests
{
    private static readonly SessionLimits Few = new() { MaxDifferences = 100, BootstrapThreshold = 1000 };

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(30, 0, 0)]
    [InlineData(400, 0, 0)]
    [InlineData(400, 1, 0)]
    [InlineData(400, 0, 1)]
    [InlineData(400, 2, 3)]
    [InlineData(400, 3, 3)]
    [InlineData(3000, 5, 5)]
    [InlineData(3000, 75, 75)]
    [InlineData(5000, 0, 400)]
    [InlineData(5000, 400, 0)]
    [InlineData(0, 20, 400)]
    [InlineData(0, 400, 20)]
    [InlineData(0, 160, 160)]
    [InlineData(0, 0, 2000)]
    [InlineData(0, 2000, 0)]
    public void Both_sides_find_what_only_the_other_has(int common, int atResponder, int atInitiator) =>
        Converge(new Random(common + (7 * atResponder) + (13 * atInitiator)), common, atResponder, atInitiator, TreeShape.Default, SessionLimits.Default);

    [Fact]
    public void Both_sides_find_what_only_the_other_has_whatever_the_sets_shapes_and_limits()
    {
        var random = new Random(4711);
        for (int round = 0; round < 60; round++)
        {
            var shape = new TreeShape(1 + random.Next(8), 1 + random.Next(4), 1 + random.Next(60));
            var limits = new SessionLimits { FullThreshold = random.Next(200), MaxOutstandingRequests = 1 + random.Next(20) };
            Converge(random, random.Next(800), random.Next(60), random.Next(60), shape, limits, bits: 1 + random.Next(128));
        }
    }

    [Fact]
    public void No_more_requests_are_out_than_may_be()
    {
        var random = new Random(5);
        List<Element> elements = Make(random, 3000, 128);
        var pair = new SessionPair(
            new ResponderSession(new MemoryTree(elements[..1500]), new SessionLimits { FullThreshold = 20, MaxOutstandingRequests = 7 }),
            new InitiatorSession(new MemoryTree(elements[1500..]), new SessionLimits { FullThreshold = 20 }));

        pair.Run();

        Assert.Equal(7, pair.MostOutstanding);
        Assert.IsType<Done>(pair.FromResponder[^1]);
    }

    [Fact]
    public void A_flush_is_asked_for_only_when_nothing_is_to_be_read()
    {
        List<Element> elements = Make(new Random(6), 400, 128);
        var responder = new ResponderSession(new MemoryTree(elements), SessionLimits.Default);
        Assert.IsType<PolynomialRequest>(Assert.Single(Take(responder)));

        responder.Pause();
        Assert.IsType<Flush>(Assert.Single(Take(responder)));
        responder.Pause();
        Assert.Empty(Take(responder));

        responder.Receive(new SyncFail());
        Assert.IsType<FullRequest>(Assert.Single(Take(responder))); // with none out the next goes out at once
        responder.Pause();
        Assert.Equal(["FullRequest", "FullRequest", "FullRequest", "Flush"], Take(responder).Select(static message => message.GetType().Name));
    }

    [Fact]
    public void An_answer_that_is_there_already_needs_no_flush()
    {
        var responder = new ResponderSession(new MemoryTree(Make(new Random(6), 400, 128)), SessionLimits.Default);

        responder.Receive(new ElementsHeader(0));

        Assert.Equal(["PolynomialRequest", "Done"], Take(responder).Select(static message => message.GetType().Name));
        Assert.Equal(SessionEnd.Completed, responder.GetResult().End);
    }

    [Fact]
    public void The_most_differences_end_a_responders_session_with_what_it_has()
    {
        List<Element> remote = Make(new Random(8), 150, 128);
        var responder = new ResponderSession(new MemoryTree([]), Few);

        Give(responder, remote);

        SessionResult result = responder.GetResult();
        Assert.Equal(SessionEnd.LimitReached, result.End);
        Assert.Equal(remote[..100].Order(), result.RemoteOnly);
        Assert.IsType<Done>(Assert.Single(Take(responder)));
    }

    [Fact]
    public void Exactly_the_most_differences_are_no_reason_to_end()
    {
        var responder = new ResponderSession(new MemoryTree([]), Few);

        Give(responder, Make(new Random(8), 100, 128));

        Assert.Equal(SessionEnd.Completed, responder.GetResult().End);
        Assert.Equal(100, responder.GetResult().RemoteOnly.Count);
    }

    [Fact]
    public void The_most_differences_end_an_initiators_session_with_what_it_has()
    {
        var initiator = new InitiatorSession(new MemoryTree([]), Few);

        initiator.Receive(new FullRequest(Prefix.Root, Make(new Random(8), 150, 128)));

        Assert.Equal((SessionEnd.LimitReached, 100), (initiator.GetResult().End, initiator.GetResult().RemoteOnly.Count));
        Assert.Empty(Take(initiator));
    }

    [Theory]
    [InlineData(1001u, 100, SessionEnd.PeerIsMuchLarger)]
    [InlineData(1000u, 99, SessionEnd.Closed)]
    [InlineData(1001u, 101, SessionEnd.Closed)]
    public void An_initiator_that_is_tiny_beside_the_peer_takes_nothing(uint peer, int own, SessionEnd end)
    {
        var tree = new MemoryTree(Make(new Random(9), own, 128));
        var initiator = new InitiatorSession(tree, Few);

        initiator.Receive(new PolynomialRequest(Prefix.Root, peer, tree.Read(Prefix.Root).Samples));

        SessionResult result = initiator.GetResult();
        Assert.Equal((end, peer), (result.End, result.PeerCount));
        Assert.Empty(result.RemoteOnly);
        Assert.Equal(end == SessionEnd.PeerIsMuchLarger, Take(initiator).Count == 0);
    }

    [Fact]
    public void A_responder_that_is_tiny_beside_the_peer_takes_nothing()
    {
        var responder = new ResponderSession(new MemoryTree([]), Few);
        Take(responder);

        responder.Receive(new ElementsHeader(1001));

        Assert.Equal(SessionEnd.PeerIsMuchLarger, responder.GetResult().End);
        Assert.IsType<Done>(Assert.Single(Take(responder)));
    }

    [Fact]
    public void A_peer_that_is_much_larger_is_known_by_the_sum_of_what_it_announces()
    {
        var responder = new ResponderSession(new MemoryTree(Make(new Random(10), 60, 128)), Few with { FullThreshold = 10, MaxDifferences = 10_000 });
        responder.Receive(new SyncFail());
        for (int i = 0; i < 2; i++)
            Give(responder, Make(new Random(i), 501, 128));

        Assert.Equal(SessionEnd.PeerIsMuchLarger, responder.GetResult().End);
        Assert.Empty(responder.GetResult().RemoteOnly);
    }

    [Fact]
    public void What_was_found_is_kept_when_the_stream_ends()
    {
        List<Element> remote = Make(new Random(11), 20, 128);
        var responder = new ResponderSession(new MemoryTree([]), SessionLimits.Default);

        responder.Receive(new ElementsHeader(50));
        responder.Receive(new ElementsPart(remote));
        responder.Close();

        Assert.Equal(SessionEnd.Closed, responder.GetResult().End);
        Assert.Equal(remote.Order(), responder.GetResult().RemoteOnly);
    }

    [Fact]
    public void What_was_found_is_kept_after_a_violation()
    {
        List<Element> remote = Make(new Random(12), 20, 128);
        var initiator = new InitiatorSession(new MemoryTree([]), SessionLimits.Default);

        initiator.Receive(new FullRequest(Prefix.Root, remote));
        initiator.Receive(new SyncFail());

        SessionResult result = initiator.GetResult();
        Assert.Equal((SessionEnd.Violated, "SyncFail is no request"), (result.End, result.Reason));
        Assert.Equal(remote.Order(), result.RemoteOnly);
        Assert.Equal(20, result.PeerCount);
        Assert.False(initiator.CanReceive);
    }

    [Fact]
    public void An_initiator_takes_requests_only()
    {
        var tree = new MemoryTree(Make(new Random(13), 200, 128));
        IReadOnlyList<FieldElement> samples = tree.Read(Prefix.Root).Samples;
        (ReconMessage Message, string Reason)[] wrong =
        [
            (new SyncFail(), "SyncFail is no request"),
            (new FullElements([]), "FullElements is no request"),
            (new ErrorReport("no"), "the peer reports an error: no"),
            (new ElementsPart([new Element(1)]), "more elements than were announced"),
            (new FullRequest(new Prefix(0, 1), []), "a request of a prefix that no node has"),
            (new PolynomialRequest(new Prefix(0, 3), 0, samples), "a request of a prefix that no node has"),
            (new PolynomialRequest(Prefix.Root, 200, [.. samples.Take(5)]), "a request with a wrong number of samples"),
            (new PolynomialRequest(Prefix.Root, 200, [.. samples, FieldElement.One]), "a request with a wrong number of samples"),
        ];
        foreach ((ReconMessage message, string reason) in wrong)
        {
            var initiator = new InitiatorSession(tree, SessionLimits.Default);
            initiator.Receive(message);
            Assert.Equal((SessionEnd.Violated, reason), (initiator.GetResult().End, initiator.GetResult().Reason));
            Assert.Empty(Take(initiator));
        }
    }

    [Fact]
    public void A_responder_takes_answers_only()
    {
        (int Elements, ReconMessage Message, string Reason)[] wrong =
        [
            (200, new Done(), "Done is no answer to a request"),
            (200, new Flush(), "Flush is no answer to a request"),
            (200, new FullRequest(Prefix.Root, []), "FullRequest is no answer to a request"),
            (200, new ErrorReport("no"), "the peer reports an error: no"),
            (20, new SyncFail(), "SyncFail is no answer to a request"), // all elements were sent already
        ];
        foreach ((int elements, ReconMessage message, string reason) in wrong)
        {
            var responder = new ResponderSession(new MemoryTree(Make(new Random(14), elements, 128)), SessionLimits.Default);
            responder.Receive(message);
            Assert.Equal((SessionEnd.Violated, reason), (responder.GetResult().End, responder.GetResult().Reason));
            Assert.Empty(Take(responder));
        }
    }

    [Fact]
    public void A_peer_may_not_ask_without_end()
    {
        var tree = new DrawnTree(new MemoryTree(Make(new Random(18), 3000, 128)));
        var initiator = new InitiatorSession(tree, SessionLimits.Default);

        for (int i = 0; i < 100; i++)
        {
            initiator.Receive(new FullRequest(Prefix.Root, []));
            Take(initiator);
        }

        Assert.Equal((SessionEnd.Violated, "too many requests that no answer led to"), (initiator.GetResult().End, initiator.GetResult().Reason));
        Assert.Equal(17 * 3000, tree.Drawn);
    }

    [Fact]
    public void A_peer_may_ask_for_each_node_that_it_was_led_to_once()
    {
        var tree = new MemoryTree(Make(new Random(19), 3000, 128));
        var initiator = new InitiatorSession(tree, SessionLimits.Default);
        TreeNode other = new MemoryTree(Make(new Random(20), 3000, 128)).Read(Prefix.Root);
        Queue<Prefix> next = new([Prefix.Root]);
        List<Prefix> asked = [];
        while (next.TryDequeue(out Prefix prefix))
        {
            asked.Add(prefix);
            initiator.Receive(new PolynomialRequest(prefix, 3000, other.Samples));
            if (Assert.Single(Take(initiator)) is SyncFail)
            {
                for (int i = 0; i < 4; i++)
                    next.Enqueue(prefix.Child(i, 2));
            }
        }

        Assert.InRange(asked.Count, 60, 100);
        for (int i = 0; i < 16; i++)
            initiator.Receive(new FullRequest(asked[i], []));
        Assert.False(initiator.IsEnded);
        initiator.Receive(new FullRequest(asked[16], []));
        Assert.Equal(SessionEnd.Violated, initiator.GetResult().End);
    }

    [Fact]
    public void Many_elements_are_looked_up_in_one_go()
    {
        List<Element> own = Make(new Random(21), 70_000, 128);
        var tree = new DrawnTree(new MemoryTree(own));
        var initiator = new InitiatorSession(tree, SessionLimits.Default);

        initiator.Receive(new FullRequest(Prefix.Root, own[..20_000]));

        Assert.InRange(tree.Reads, 1000, 10_000); // a tree of 70,000 has some 5,500 nodes
        Assert.Equal(50_000u, Assert.IsType<ElementsHeader>(Take(initiator)[0]).Count);
    }

    [Fact]
    public void Nothing_may_come_between_the_parts_of_elements()
    {
        var initiator = new InitiatorSession(new MemoryTree([]), SessionLimits.Default);

        initiator.Receive(new ElementsHeader(2));
        initiator.Receive(new ElementsPart([new Element(1)]));
        initiator.Receive(new Flush());

        Assert.Equal((SessionEnd.Violated, "a message within elements"), (initiator.GetResult().End, initiator.GetResult().Reason));
        Assert.Equal([new Element(1)], initiator.GetResult().RemoteOnly);
    }

    [Fact]
    public void Elements_that_are_not_below_the_prefix_say_nothing_about_it()
    {
        List<Element> own = Make(new Random(15), 100, 128);
        var initiator = new InitiatorSession(new MemoryTree(own), SessionLimits.Default);
        var prefix = new Prefix(UInt128.MaxValue, 2);
        Element outside = new(5);

        initiator.Receive(new FullRequest(prefix, [outside, own[3], prefix.Last]));

        Assert.Equal([prefix.Last], initiator.GetResult().RemoteOnly);
        Assert.Equal((uint)own.Count(prefix.Contains) - (prefix.Contains(own[3]) ? 1u : 0u), Assert.IsType<ElementsHeader>(Take(initiator)[0]).Count);
    }

    [Fact]
    public void A_large_set_is_drawn_while_it_is_sent()
    {
        List<Element> own = Make(new Random(16), 70_000, 128);
        var tree = new DrawnTree(new MemoryTree(own));
        var initiator = new InitiatorSession(tree, SessionLimits.Default);

        initiator.Receive(new FullRequest(Prefix.Root, [own[0], own[9], new Element(1)]));
        Assert.True(tree.Drawn < 1000);
        Assert.True(initiator.CanReceive);
        List<ReconMessage> answer = Take(initiator);

        Assert.Equal(69_998u, Assert.IsType<ElementsHeader>(answer[0]).Count);
        Assert.Equal(
            own.Except([own[0], own[9]]).Order(), answer[1..].Cast<ElementsPart>().SelectMany(static part => part.Elements));
        Assert.Equal([new Element(1)], initiator.GetResult().RemoteOnly);
    }

    [Fact]
    public void Reading_stops_while_too_much_waits_to_be_sent()
    {
        List<Element> own = Make(new Random(17), 40_000, 128);
        var initiator = new InitiatorSession(new MemoryTree(own), SessionLimits.Default);

        initiator.Receive(new FullRequest(Prefix.Root, []));
        Assert.True(initiator.CanReceive);
        initiator.Receive(new FullRequest(Prefix.Root, []));
        Assert.False(initiator.CanReceive);

        Take(initiator);
        Assert.True(initiator.CanReceive);
    }

    private static void Converge(
        Random random, int common, int atResponder, int atInitiator, TreeShape shape, SessionLimits limits, int bits = 128)
    {
        List<Element> elements = Make(random, common + atResponder + atInitiator, bits);
        common = Math.Min(common, elements.Count);
        atResponder = Math.Min(atResponder, elements.Count - common);
        List<Element> responderOnly = elements[common..(common + atResponder)];
        List<Element> initiatorOnly = elements[(common + atResponder)..];
        var responder = new ResponderSession(new MemoryTree([.. elements[..common], .. responderOnly], shape), limits);
        var initiator = new InitiatorSession(new MemoryTree([.. elements[..common], .. initiatorOnly], shape), limits with { MaxOutstandingRequests = 1 });
        var pair = new SessionPair(responder, initiator);

        pair.Run();

        Assert.Equal(SessionEnd.Completed, responder.GetResult().End);
        Assert.Equal(SessionEnd.Completed, initiator.GetResult().End);
        Assert.Equal(initiatorOnly.Order(), responder.GetResult().RemoteOnly);
        Assert.Equal(responderOnly.Order(), initiator.GetResult().RemoteOnly);
        Assert.InRange(pair.MostOutstanding, 0, limits.MaxOutstandingRequests);
    }

    // Elements that differ in some bits only lie deep below one prefix.
    private static List<Element> Make(Random random, int count, int bits)
    {
        UInt128 mask = bits == 128 ? UInt128.MaxValue : (UInt128.One << bits) - 1;
        HashSet<Element> elements = [];
        byte[] bytes = new byte[Element.Length];
        for (int i = 0; i < count; i++)
        {
            random.NextBytes(bytes);
            elements.Add(new Element((Element.Read(bytes).Value & mask) + 100));
        }

        return [.. elements];
    }

    private static List<ReconMessage> Take(ReconciliationSession session)
    {
        List<ReconMessage> taken = [];
        while (session.TryTake(out ReconMessage? message))
            taken.Add(message);
        return taken;
    }

    private static void Give(ResponderSession responder, List<Element> elements)
    {
        Take(responder);
        responder.Receive(new ElementsHeader((uint)elements.Count));
        responder.Receive(new ElementsPart(elements));
    }

    private sealed class DrawnTree(IPartitionTree tree) : IPartitionTree
    {
        public int Drawn { get; private set; }

        public TreeShape Shape => tree.Shape;

        public int Reads { get; private set; }

        public TreeNode Read(Prefix prefix)
        {
            Reads++;
            return tree.Read(prefix);
        }

        public IEnumerable<Element> ReadElements(Prefix prefix)
        {
            foreach (Element element in tree.ReadElements(prefix))
            {
                Drawn++;
                yield return element;
            }
        }
    }
}
