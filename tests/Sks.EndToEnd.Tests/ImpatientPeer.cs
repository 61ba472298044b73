using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sks.EndToEnd.Tests;

/// <summary>A peer that behaves as Hockeypuck 2.3 does when it is contacted: it looks for answers between its requests, and what is only partly there then is lost.</summary>
internal sealed class ImpatientPeer : IDisposable
{
    private const string Filters =
        "drop:UAT,drop:hardRevokedCruft,drop:implausible,drop:invalidSelfSig,drop:structuralMartian,drop:unbound,drop:unparseable," +
        "schema:application/pgp-keys,versions:34,yminsky.dedup,yminsky.merge";

    private const string Busy = "sync not available, currently mutating";

    // How long one answer may take.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly TcpListener _listener;

    public ImpatientPeer(string address)
    {
        _listener = new TcpListener(IPAddress.Parse(address), 0);
        _listener.Start();
    }

    /// <summary>Where it is reached.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Has no time for who contacts it next.</summary>
    public async Task RefuseAsBusyAsync(CancellationToken cancellationToken)
    {
        using TcpClient client = await _listener.AcceptTcpClientAsync(cancellationToken);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Settings(), cancellationToken);
        await ExpectSettingsAsync(stream, cancellationToken);
        await stream.WriteAsync((byte[])[.. Text("failed"), .. Text(Busy)], cancellationToken);
    }

    /// <summary>Asks who contacts it next for all it has, and says when it wants to hear that.</summary>
    /// <returns>Bytes that had come before it wanted any, and the answer; the other side has closed the connection behind it.</returns>
    public async Task<(int Before, byte[] Answer)> AskForAllAsync(CancellationToken cancellationToken)
    {
        using TcpClient client = await _listener.AcceptTcpClientAsync(cancellationToken);
        client.NoDelay = true;
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync((byte[])[.. Settings(), .. Text("passed")], cancellationToken);
        await ExpectSettingsAsync(stream, cancellationToken);
        byte[] verdict = new byte[Text("passed").Length];
        await stream.ReadExactlyAsync(verdict, cancellationToken);
        Assert.Equal(Text("passed"), verdict);

        // A whole request of the root with no elements; whoever answers before Flush has a third of a second to do it wrong.
        await stream.WriteAsync(Convert.FromHexString("0000000d01" + "00000000" + "00000000" + "00000000"), cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(0.3), cancellationToken);
        int before = client.Available;
        await stream.WriteAsync(Convert.FromHexString("0000000106"), cancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        byte[] length = new byte[4];
        await stream.ReadExactlyAsync(length, patience.Token);
        byte[] answer = [.. length, .. new byte[BinaryPrimitives.ReadInt32BigEndian(length)]];
        await stream.ReadExactlyAsync(answer.AsMemory(4), patience.Token);
        await stream.WriteAsync(Convert.FromHexString("0000000105"), cancellationToken);
        Assert.Equal(0, await stream.ReadAsync(new byte[1], cancellationToken));
        return (before, answer);
    }

    public void Dispose() => _listener.Dispose();

    private static async Task ExpectSettingsAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        byte[] length = new byte[4];
        await stream.ReadExactlyAsync(length, cancellationToken);
        byte[] settings = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await stream.ReadExactlyAsync(settings, cancellationToken);
        string text = Encoding.Latin1.GetString(settings);
        Assert.Contains(Filters, text, StringComparison.Ordinal);
        Assert.Contains("1.1.6", text, StringComparison.Ordinal);
    }

    // In its order.
    private static byte[] Settings()
    {
        byte[] body =
        [
            10, .. Number(5),
            .. Text("version"), .. Text("1.1.6"),
            .. Text("http port"), .. Number(4), .. Number(11371),
            .. Text("bitquantum"), .. Number(4), .. Number(2),
            .. Text("mbar"), .. Number(4), .. Number(5),
            .. Text("filters"), .. Text(Filters),
        ];
        return [.. Number(body.Length), .. body];
    }

    private static byte[] Text(string text) => [.. Number(text.Length), .. Encoding.Latin1.GetBytes(text)];

    private static byte[] Number(int number)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }
}
