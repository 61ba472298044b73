using Sks.Node.Links;
using Sks.Node.Peers;
using Sks.OpenPgp;
using Sks.Storage;

namespace Sks.Node.Tests;

/// <summary>Who the peers of our own kind are, how they become it, and who fetches what.</summary>
public class LinkBookTests
{
    private static readonly NodeId One = new(1, 1);
    private static readonly NodeId Two = new(2, 2);
    private static readonly NodeId Three = new(3, 3);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Peers_are_in_the_book_and_shown_until_they_are_removed()
    {
        await using TestNode test = TestNode.Open();
        test.Node.Peers.SetPeers(PeerKind.Sks, ["sks 11370"]);
        Task<int> change = test.Node.Links.Book.WaitForChangeAsync(0, Ended);
        Assert.False(change.IsCompleted);
        await test.Node.Links.Book.AddAsync(Two, ["two.example.org:11373"], Ended);
        Assert.Equal(1, await change);
        await test.Node.Links.Book.AddAsync(One, [], Ended);
        await test.Node.Links.Book.AddAsync(Two, ["a:1", "b:2"], Ended);
        await test.WhileClosedAsync(() => Task.CompletedTask);

        PeerBook book = test.Node.Links.Book;
        Assert.Equal([One, Two], book.ReadAll().Select(static peer => peer.Id));
        Assert.Equal(["a:1", "b:2"], book.Find(Two)!.Addresses);
        PeerStatus shown = test.Node.Peers.Read().Single(static peer => peer.Name == Two.ToString());
        Assert.Equal((PeerKind.Modern, 2), (shown.Kind, shown.EndPoints.Count));

        test.Node.Peers.SetPeers(PeerKind.Sks, []);
        Assert.True(await book.RemoveAsync(Two, Ended));
        Assert.False(await book.RemoveAsync(Two, Ended));
        Assert.Null(book.Find(Two));
        Assert.Equal([One.ToString()], test.Node.Peers.Read().Select(static peer => peer.Name));
        await test.WhileClosedAsync(() => Task.CompletedTask);
        Assert.Equal([One], test.Node.Links.Book.ReadAll().Select(static peer => peer.Id));
    }

    [Fact]
    public async Task What_can_be_no_peer_is_refused()
    {
        await using TestNode test = TestNode.Open();
        PeerBook book = test.Node.Links.Book;
        await Refuse(test.Node.Links.Self, []);
        await Refuse(One, [.. Enumerable.Repeat("a:1", PeerBook.MaxAddresses + 1)]);
        await Refuse(One, [new string('a', PeerBook.MaxAddressBytes + 1)]);
        await Refuse(One, [""]);
        Assert.Empty(book.ReadAll());

        Task Refuse(NodeId id, IReadOnlyList<string> addresses) => Assert.ThrowsAsync<ArgumentException>(() => book.AddAsync(id, addresses, Ended));
    }

    [Fact]
    public async Task Removal_takes_all_that_was_kept_for_the_peer_and_nothing_else()
    {
        await using TestNode test = TestNode.Open();
        foreach (NodeId peer in (NodeId[])[One, Two])
        {
            await test.Node.Links.Book.AddAsync(peer, [], Ended);
            Link link = test.Node.Links.Get(peer);
            Assert.Same(link, test.Node.Links.Get(peer));
            await link.SetKeyAsync(new LinkKey(1, new byte[32], DateTimeOffset.UnixEpoch), Ended);
            await link.SetCursorAsync(new ChangeCursor(5, 6), Ended);
            await link.AddPhantomAsync(ContentDigest.Read(new byte[32]), Ended);
        }

        Link removed = test.Node.Links.Get(One);
        Assert.True(await test.Node.Links.Book.RemoveAsync(One, Ended));

        // Who still holds the link of a removed peer brings nothing back.
        await removed.SetCursorAsync(new ChangeCursor(7, 8), Ended);
        await test.Node.Links.Book.AddAsync(One, [], Ended);
        Assert.NotSame(removed, test.Node.Links.Get(One));
        await test.WhileClosedAsync(() => Task.CompletedTask);
        Link anew = test.Node.Links.Get(One);
        Assert.Equal((null, null, 0), (anew.Key, anew.Cursor, anew.PhantomCount));
        Link other = test.Node.Links.Get(Two);
        Assert.Equal((1u, new ChangeCursor(5, 6), 1), (other.Key!.Epoch, other.Cursor, other.PhantomCount));
    }

    [Fact]
    public async Task Invitation_is_good_once()
    {
        await using TestNode test = TestNode.Open();
        byte[] secret = await test.Node.Links.Invitations.CreateAsync(Ended);
        await test.WhileClosedAsync(() => Task.CompletedTask);
        await Assert.ThrowsAsync<ArgumentException>(() => test.Node.Links.Invitations.AcceptAsync(secret, test.Node.Links.Self, [], Ended));
        Assert.True(await test.Node.Links.Invitations.AcceptAsync(secret, One, ["one:1"], Ended));
        Assert.Equal(["one:1"], test.Node.Links.Book.Find(One)!.Addresses);
        Assert.False(await test.Node.Links.Invitations.AcceptAsync(secret, Two, [], Ended));
        Assert.Null(test.Node.Links.Book.Find(Two));
    }

    [Fact]
    public async Task Invitation_expires_after_a_quarter_of_an_hour()
    {
        await using TestNode test = TestNode.Open();
        byte[] secret = await test.Node.Links.Invitations.CreateAsync(Ended);
        test.Time.Advance(Invitations.Lifetime);
        Assert.False(await test.Node.Links.Invitations.AcceptAsync(secret, One, [], Ended));
    }

    [Theory]
    [InlineData(Invitations.MaxFailures - 1, true)]
    [InlineData(Invitations.MaxFailures, false)]
    public async Task Five_wrong_secrets_void_all_invitations(int failures, bool isGood)
    {
        await using TestNode test = TestNode.Open();
        byte[] first = await test.Node.Links.Invitations.CreateAsync(Ended);
        byte[] second = await test.Node.Links.Invitations.CreateAsync(Ended);
        for (int i = 0; i < failures; i++)
            Assert.False(await test.Node.Links.Invitations.AcceptAsync(new byte[Invitations.SecretLength], One, [], Ended));
        Assert.Equal(isGood, await test.Node.Links.Invitations.AcceptAsync(first, One, [], Ended));
        Assert.Equal(isGood, await test.Node.Links.Invitations.AcceptAsync(second, Two, [], Ended));
        byte[] later = await test.Node.Links.Invitations.CreateAsync(Ended);
        Assert.True(await test.Node.Links.Invitations.AcceptAsync(later, Three, [], Ended));
    }

    [Fact]
    public async Task Too_many_invitations_end_the_oldest()
    {
        await using TestNode test = TestNode.Open();
        List<byte[]> secrets = [];
        for (int i = 0; i <= Invitations.MaxWaiting; i++)
        {
            secrets.Add(await test.Node.Links.Invitations.CreateAsync(Ended));
            test.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.False(await test.Node.Links.Invitations.AcceptAsync(secrets[0], One, [], Ended));
        Assert.True(await test.Node.Links.Invitations.AcceptAsync(secrets[1], One, [], Ended));
    }

    [Fact]
    public void Claim_that_comes_to_nothing_goes_to_the_next_link_that_is_there()
    {
        var claims = new FetchClaims();
        List<ulong> told = [];
        Assert.True(claims.TryClaim(One, 7));
        Assert.False(claims.TryClaim(One, 7));
        Assert.False(claims.TryClaim(Two, 7));
        Assert.False(claims.TryClaim(Three, 7));
        using IDisposable subscription = claims.Subscribe(Three, told.Add);

        claims.Release(Two, 7, isSettled: false);
        Assert.Empty(told);
        claims.Release(One, 7, isSettled: false);
        Assert.Equal([7ul], told);
        Assert.False(claims.TryClaim(One, 7));
        Assert.True(claims.TryClaim(Three, 7));
        Assert.False(claims.TryClaim(Three, 7));
        claims.Release(Three, 7, isSettled: true);
        Assert.True(claims.TryClaim(Two, 7));
        Assert.Equal([7ul], told);
    }

    [Fact]
    public void Link_that_is_gone_leaves_its_claims_to_others()
    {
        var claims = new FetchClaims();
        List<ulong> told = [];
        using IDisposable subscription = claims.Subscribe(Two, told.Add);
        foreach (ulong prefix in (ulong[])[1, 2])
            Assert.True(claims.TryClaim(One, prefix));
        Assert.False(claims.TryClaim(Two, 2));
        Assert.False(claims.TryClaim(Three, 2));
        claims.ReleaseAll(Three);
        claims.ReleaseAll(One);
        Assert.Equal([2ul], told);
        Assert.True(claims.TryClaim(Three, 1));
        claims.ReleaseAll(Two);
        Assert.True(claims.TryClaim(Three, 2));
    }
}
