using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Sks.Grpc;
using Sks.Keys.V1;
using Sks.OpenPgp;
using Sks.TestSupport;
using Sks.TestSupport.Signing;
using Certificate = Sks.OpenPgp.Certificate;

namespace Sks.EndToEnd.Tests;

/// <summary>What became of the keyserver network in 2019 (CVE-2019-13050) does not happen here.</summary>
public sealed class FloodTests : IDisposable
{
    private const int MaxServedBytes = 64 * 1024;

    private static readonly int MaxStrangers = CleanViewPolicy.Current.MaxThirdPartySignatures;

    private static readonly SigningKey Owner = new(1);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Data => _folder.Combine("data");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_flooded_certificate_from_a_dump_is_served_small_and_its_revocation_arrives(bool throughNode)
    {
        string keyring = await WriteAsync("flooded.pgp", Flooded(150_000).Build());
        await using (RunningNode? importing = throughNode ? await RunningNode.StartAsync(Data) : null)
        {
            ProcessResult imported = await Sksd.RunAsync("import", "--data", Data, keyring);
            Assert.Equal("imported: 1 added, 0 updated, 0 unchanged, 0 rejected", imported.EnsureSuccess().OutputLines[^1]);
        }

        await using RunningNode node = await RunningNode.StartAsync(Data);
        Certificate served = await GetAsync(node);
        Assert.Empty(served.DirectSignatures);
        Assert.InRange(Assert.Single(served.UserIds).Signatures.Count, 1, MaxStrangers + 1);

        string revocation = await WriteAsync("revocation.pgp", TestPackets.Frame(PacketTag.Signature, new SignedCertificate(Owner).RevokeKey().LastSignature));
        ProcessResult revoked = await Sksd.RunAsync("submit", "--server", node.Grpc.ToString(), revocation);
        Assert.StartsWith($"Updated: {Owner.Fingerprint}, ", Assert.Single(revoked.EnsureSuccess().OutputLines), StringComparison.Ordinal);
        Assert.Single((await GetAsync(node)).DirectSignatures);
        Assert.Contains("check: ok, 1 certificates", (await Sksd.RunAsync("check", "--data", Data)).EnsureSuccess().OutputLines);
    }

    [Fact]
    public async Task Signatures_that_only_verifying_refutes_delay_their_sender_and_not_the_neighbours()
    {
        await using RunningNode node = await RunningNode.StartAsync(Data);
        SignedCertificate flooded = Base();
        flooded.Add(SignatureFlood.ClaimedByOwner(Owner, flooded.Current, 40_000));
        using GrpcChannel channel = KeyserverChannel.ForAddress(node.Grpc);
        using AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> call = new KeyService.KeyServiceClient(channel).Submit(cancellationToken: Token);
        await call.RequestStream.WriteAsync(new SubmitRequest { Data = ByteString.CopyFrom(flooded.Build()) }, Token);
        await call.RequestStream.CompleteAsync();
        Task<List<SubmitResponse>> flood = call.ResponseStream.ReadAllAsync(Token).ToListAsync(Token).AsTask();

        int number = 100;
        foreach (IPAddress neighbour in (IPAddress[])[IPAddress.Parse("127.0.0.2"), IPAddress.Loopback])
        {
            for (int i = 0; i < 10; i++)
                Assert.Equal(HttpStatusCode.OK, await AddAsync(node, neighbour, SignedCertificate.Ordinary(++number).Build()));
        }

        SubmissionOutcome outcome = Assert.Single((await flood).SelectMany(response => response.Outcomes));
        Assert.Equal(SubmissionResult.Added, outcome.Result);

        // What claims to be the owner's and is not counts as a stranger's.
        Assert.Equal(MaxStrangers + 1, Assert.Single((await GetAsync(node)).UserIds).Signatures.Count);
        string leftOut = $"since start, packets left out of clean views for EnoughThirdPartySignatures: {40_000 - MaxStrangers}";
        Assert.Contains(leftOut, (await Sksd.RunAsync("stats", "--data", Data)).OutputLines);
    }

    [Fact]
    public async Task A_flood_over_HKP_is_served_small()
    {
        await using RunningNode node = await RunningNode.StartAsync(Data);

        Assert.Equal(HttpStatusCode.OK, await AddAsync(node, IPAddress.Loopback, Flooded(20_000).Build()));

        Assert.InRange(Assert.Single((await GetAsync(node)).UserIds).Signatures.Count, 1, MaxStrangers + 1);
    }

    [Theory]
    [InlineData("Proven", false)]
    [InlineData("Full", true)]
    public async Task The_operator_decides_whether_submissions_add_what_is_not_proven(string policy, bool addsJunk)
    {
        string config = await WriteAsync("sksd.json", System.Text.Encoding.UTF8.GetBytes($$"""{ "Ingest": { "Submissions": "{{policy}}" } }"""));
        await using RunningNode node = await RunningNode.StartAsync(Data, "--config", config);
        SignedCertificate dirty = Base().UserId("Mallory <mallory@example.org>");
        string keyring = await WriteAsync("dirty.pgp", dirty.Build());

        (await Sksd.RunAsync("submit", "--server", node.Grpc.ToString(), keyring)).EnsureSuccess();

        Assert.Equal(Base().BuildCertificate().ToArray(), (await GetAsync(node)).ToArray());
        byte[] full = (await Sksd.RunAsync("lookup", "--data", Data, "--full", "--binary", Owner.Fingerprint.ToString())).EnsureSuccess().OutputBytes;
        Assert.Equal((addsJunk ? dirty : Base()).BuildCertificate().ToArray(), full);
    }

    private static SignedCertificate Base() => new SignedCertificate(Owner).UserId("Somebody <somebody@example.org>").Certify();

    private static SignedCertificate Flooded(int count)
    {
        SignedCertificate certificate = Base();
        return certificate.Add(SignatureFlood.ThirdParty(certificate.Current, count));
    }

    private static async Task<Certificate> GetAsync(RunningNode node)
    {
        using var http = new HttpClient { BaseAddress = node.Hkp };
        byte[] served = await http.GetByteArrayAsync(new Uri($"/pks/lookup?op=get&options=mr,bin&search=0x{Owner.Fingerprint}", UriKind.Relative), Token);
        Assert.InRange(served.Length, 1, MaxServedBytes);
        return Keyrings.ReadOne(served);
    }

    private static async Task<HttpStatusCode> AddAsync(RunningNode node, IPAddress from, byte[] keyring)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(from, 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var http = new HttpClient(handler) { BaseAddress = node.Hkp };
        using var form = new StringContent(
            "keytext=" + Uri.EscapeDataString(System.Text.Encoding.ASCII.GetString(TestData.Armor(keyring))), null, "application/x-www-form-urlencoded");
        using HttpResponseMessage response = await http.PostAsync(new Uri("/pks/add", UriKind.Relative), form, Token);
        return response.StatusCode;
    }

    private async Task<string> WriteAsync(string name, byte[] content)
    {
        await File.WriteAllBytesAsync(_folder.Combine(name), content, Token);
        return _folder.Combine(name);
    }
}
