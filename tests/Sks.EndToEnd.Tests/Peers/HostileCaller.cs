using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Sks.Grpc.Peers;
using Sks.Node;
using Sks.Node.Links;
using Sks.Node.Peers;
using Sks.OpenPgp;
using Sks.Peer.V1;
using Sks.TestSupport;

namespace Sks.EndToEnd.Tests.Peers;

/// <summary>A peer in the process of the tests that calls nodes and says what a test wants it to.</summary>
internal sealed class HostileCaller : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly NodeIdentity _identity;
    private readonly X509Certificate2 _certificate;
    private readonly byte[] _instance = RandomNumberGenerator.GetBytes(8);
    private LinkKey? _key;

    public HostileCaller()
    {
        _identity = NodeIdentity.LoadOrCreate(_folder.Path, TimeProvider.System);
        _certificate = _identity.CreateTlsCertificate();
    }

    /// <summary>What nodes know it by.</summary>
    public string Id => _identity.Id.ToString();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Calls a node and says hello.</summary>
    /// <param name="node">It has this peer in its book.</param>
    /// <param name="needsNewKey">Whether it asks for another link key.</param>
    public async Task<HostileSession> CallAsync(PeerNode node, bool needsNewKey = false)
    {
        Assert.True(NodeId.TryParse(node.Id, out NodeId id));
        PeerConnection connection = await PeerConnection.OpenAsync(
            PeerAddress.Parse(node.EndPoint.ToString()),
            id,
            PeerTls.CreateContext(_certificate),
            new ByteCount(new PeerRegistry()),
            TimeSpan.FromSeconds(30),
            TimeProvider.System,
            Token);
        var hello = new Hello
        {
            ProtocolVersions = { PeerAgreement.ProtocolVersion },
            Set = PeerAgreement.CleanView,
            PolicyVersions = { (uint)CleanViewPolicy.Current.Version },
            Instance = ByteString.CopyFrom(_instance),
            Nonce = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(LinkKeyAgreement.NonceLength)),
            KeyEpoch = _key?.Epoch ?? 0,
            KeyCheck = _key is null ? ByteString.Empty : ByteString.CopyFrom(LinkKeyAgreement.CheckOf(_key)),
            NeedsNewKey = needsNewKey,
        };
        var session = new HostileSession(connection);
        if (await session.GreetAsync(hello) is { } theirs)
            _key = PeerAgreement.Of(_identity.Id, hello, id, theirs, PeerRole.Initiator, TimeProvider.System.GetUtcNow()).NewKey ?? _key;
        session.KeyEpoch = _key?.Epoch ?? 0;
        return session;
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _identity.Dispose();
        _folder.Dispose();
    }
}

/// <summary>A session that a <see cref="HostileCaller"/> has begun.</summary>
internal sealed class HostileSession : IDisposable
{
    private readonly PeerConnection _connection;
    private readonly AsyncDuplexStreamingCall<SyncRequest, SyncResponse> _sync;
    private readonly PeerService.PeerServiceClient _client;
    private AsyncDuplexStreamingCall<FetchRequest, FetchResponse>? _fetch;

    public HostileSession(PeerConnection connection)
    {
        _connection = connection;
        _client = new PeerService.PeerServiceClient(connection.Channel);
        _sync = _client.Sync(cancellationToken: Token);
    }

    /// <summary>Of the key that was agreed on.</summary>
    public uint KeyEpoch { get; set; }

    /// <summary>How much was said, as the test counts.</summary>
    public int Said { get; set; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Says hello, and opens the Fetch stream when the node has.</summary>
    /// <returns>What the node has said.</returns>
    public async Task<Hello?> GreetAsync(Hello hello)
    {
        await TrySendAsync(new SyncMessage { Hello = hello });
        if (!await _sync.ResponseStream.MoveNext(Token) || _sync.ResponseStream.Current.Message.Hello is not { } theirs)
            return null;
        _fetch = _client.Fetch(cancellationToken: Token);
        await _fetch.RequestStream.WriteAsync(new FetchRequest { Message = new FetchMessage { Start = new FetchStart { Session = theirs.Session } } }, Token);
        return theirs;
    }

    /// <summary>Says something.</summary>
    /// <returns>Whether the node still listens.</returns>
    public async Task<bool> TrySendAsync(SyncMessage message)
    {
        try
        {
            await _sync.RequestStream.WriteAsync(new SyncRequest { Message = message }, Token);
            return true;
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Reads until the node says why it gives up.</summary>
    public async Task<Error> ReadErrorAsync()
    {
        while (await _sync.ResponseStream.MoveNext(Token))
        {
            if (_sync.ResponseStream.Current.Message is { KindCase: SyncMessage.KindOneofCase.Error } message)
                return message.Error;
        }

        throw new InvalidOperationException("The node ended the session without saying why.");
    }

    public void Dispose()
    {
        _fetch?.Dispose();
        _sync.Dispose();
        _connection.Dispose();
    }
}
