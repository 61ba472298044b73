using System.Text;

namespace Sks.Storage.Tests;

/// <summary>Rows of state kept per peer.</summary>
public class LinkTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_are_found_by_their_beginning_until_they_are_deleted()
    {
        await using TestStore test = TestStore.Open();
        await test.Store.WriteLinksAsync([Row("b/1", "x"), Row("a/2", "y"), Row("a/1", "z"), Row("a", "")], Token);
        Assert.Equal(["a/1=z", "a/2=y"], Read(test, "a/"));
        Assert.Equal(["a=", "a/1=z", "a/2=y", "b/1=x"], Read(test, ""));
        Assert.Empty(Read(test, "c"));

        await test.Store.WriteLinksAsync([Row("a/1", null), Row("a/2", "w"), Row("no such row", null)], Token);
        Assert.Equal(["a/2=w"], Read(test, "a/"));
        await test.ReopenAsync();
        Assert.Equal(["a/2=w"], Read(test, "a/"));
    }

    [Fact]
    public async Task Rows_are_no_change_and_outlive_a_repair()
    {
        await using TestStore test = TestStore.Open();
        await test.SubmitAsync(TestStore.Certificate(1), Token);
        ChangeCursor newest = test.Store.Newest;
        await test.Store.WriteLinksAsync([Row("a", "x")], Token);
        Assert.Equal(newest, test.Store.Newest);
        test.AssertSound();
        await test.Store.RepairAsync(Token);
        Assert.Equal(["a=x"], Read(test, "a"));
        test.AssertSound();
    }

    [Fact]
    public async Task Rows_that_are_too_large_are_refused()
    {
        await using TestStore test = TestStore.Open();
        await Refuse("", 1);
        await Refuse(new string('k', CertificateStore.MaxLinkKeyLength + 1), 1);
        await Refuse("k", CertificateStore.MaxLinkBytes);
        Assert.Empty(Read(test, ""));
        string longest = new('k', CertificateStore.MaxLinkKeyLength);
        await test.Store.WriteLinksAsync([Row(longest, new string('v', CertificateStore.MaxLinkBytes - longest.Length))], Token);
        Assert.Single(Read(test, longest));

        Task Refuse(string key, int valueLength) => Assert.ThrowsAsync<ArgumentException>(
            () => test.Store.WriteLinksAsync([Row("other", "x"), Row(key, new string('v', valueLength))], Token));
    }

    [Fact]
    public async Task Closed_store_takes_no_rows()
    {
        await using TestStore test = TestStore.Open();
        await test.Store.DisposeAsync();
        StorageException error = await Assert.ThrowsAsync<StorageException>(() => test.Store.WriteLinksAsync([Row("a", "x")], Token));
        Assert.Equal(StorageErrorKind.Closed, error.Kind);
    }

    private static (byte[] Key, byte[]? Value) Row(string key, string? value) =>
        (Encoding.ASCII.GetBytes(key), value is null ? null : Encoding.ASCII.GetBytes(value));

    private static string[] Read(TestStore test, string prefix) =>
    [
        .. test.Store.ReadLinks(Encoding.ASCII.GetBytes(prefix)).Select(static row => $"{Encoding.ASCII.GetString(row.Key)}={Encoding.ASCII.GetString(row.Value)}"),
    ];
}
