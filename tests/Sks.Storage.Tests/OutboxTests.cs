using Sks.OpenPgp;

namespace Sks.Storage.Tests;

/// <summary>What waits to be sent on.</summary>
public class OutboxTests
{
    private static readonly byte[] Origin = new byte[32];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entry_is_there_with_its_change_and_after_a_restart()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(TestStore.Certificate(1), Token);
        OutboxContent content = new(TestStore.Certificate(2).ToArray()) { Sender = "a@example.org", SeenBy = ["b@example.org", "ü"] };
        await CommitAsync(test, TestStore.Certificate(2), content);
        await test.ReopenAsync();

        OutboxEntry entry = Assert.Single(test.Store.ReadOutbox(0, 10, int.MaxValue));
        Assert.Equal((test.Store.Newest.Sequence, test.Time.GetUtcNow()), (entry.Sequence, entry.Time));
        Assert.Equal(TestStore.Certificate(2).Identity, entry.Identity);
        Assert.Equal(content.Packets.ToArray(), entry.Content.Packets.ToArray());
        Assert.Equal("a@example.org", entry.Content.Sender);
        Assert.Equal(["b@example.org", "ü"], entry.Content.SeenBy);
        test.AssertSound();
        await test.Store.RepairAsync(Token);
        Assert.Equal(1, test.Store.CountOutbox(0));
    }

    [Fact]
    public async Task A_change_that_conflicts_leaves_nothing_to_send()
    {
        await using TestStore test = TestStore.Open();
        PreparedChange late = Prepare(TestStore.Certificate(1), new OutboxContent(new byte[1]));
        await test.SubmitAsync(TestStore.Certificate(1), Token);

        Assert.Equal(CommitResult.Conflict, await test.Store.CommitAsync(late, Token));
        Assert.Equal(0, test.Store.CountOutbox(0));
    }

    [Fact]
    public async Task Entries_are_read_in_order_and_removed_with_the_position()
    {
        await using TestStore test = TestStore.Open();
        for (int seed = 1; seed <= 5; seed++)
            await CommitAsync(test, TestStore.Certificate(seed), new OutboxContent(new byte[100]));

        IReadOnlyList<OutboxEntry> all = test.Store.ReadOutbox(0, 10, int.MaxValue);
        Assert.Equal(Enumerable.Range(1, 5).Select(static seed => TestStore.Certificate(seed).Identity), all.Select(static entry => entry.Identity));
        Assert.Equal(2, test.Store.ReadOutbox(0, 2, int.MaxValue).Count);
        Assert.Equal(2, test.Store.ReadOutbox(0, 10, 200).Count);
        Assert.Equal(all.Skip(3).Select(static entry => entry.Sequence), test.Store.ReadOutbox(all[2].Sequence, 10, int.MaxValue).Select(static entry => entry.Sequence));

        await test.Store.AdvanceOutboxAsync([("k"u8.ToArray(), "v"u8.ToArray())], all[2].Sequence, Token);
        Assert.Equal(2, test.Store.CountOutbox(0));
        Assert.Single(test.Store.ReadLinks("k"u8));
    }

    [Fact]
    public async Task Restricting_a_certificate_removes_what_waits_of_it()
    {
        await using TestStore test = TestStore.Open();
        await CommitAsync(test, TestStore.Certificate(1), new OutboxContent(new byte[1]));
        await CommitAsync(test, TestStore.Certificate(2), new OutboxContent(new byte[1]));
        PreparedChange removal = PreparedChange.CreateRemoval(test.Find(TestStore.Certificate(1).Identity)!, ChangeSource.Restriction);

        await test.Store.CommitAsync(new RestrictionChange([new RestrictionRow(Origin, 1, new byte[1], new byte[1])], [removal], Erases: true), Token);

        Assert.Equal(TestStore.Certificate(2).Identity, Assert.Single(test.Store.ReadOutbox(0, 10, int.MaxValue)).Identity);
    }

    private static async Task CommitAsync(TestStore test, Certificate certificate, OutboxContent content) =>
        Assert.Equal(CommitResult.Committed, await test.Store.CommitAsync(Prepare(certificate, content), Token));

    private static PreparedChange Prepare(Certificate certificate, OutboxContent content)
    {
        using var examination = new CertificateExamination(certificate.PrimaryKey);
        examination.Add(certificate);
        CertificateViews? views = CertificateViews.Of(examination, certificate, [examination.Select(CleanViewPolicy.Current)]);
        return PreparedChange.Create(views!, null, ChangeSource.Hkp, outgoing: content);
    }
}
