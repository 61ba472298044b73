using System.Buffers.Binary;
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Sks.Grpc.Peers;
using Sks.Node;
using Sks.OpenPgp;
using Sks.Peer.V1;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.Grpc.Tests;

/// <summary>A node in a temporary folder, as one end of a Fetch stream.</summary>
internal sealed class PeerNode : IAsyncDisposable
{
    public static readonly int Policy = CleanViewPolicy.Current.Version;

    private readonly TemporaryFolder _folder = new();

    public PeerNode() => Node = KeyserverNode.Open(new KeyserverOptions { DataDirectory = _folder.Path, MinFreeDiskBytes = 0 }, TimeProvider.System);

    public KeyserverNode Node { get; }

    public ConcurrentQueue<FetchOutcome> Outcomes { get; } = [];

    public FetchPump Connect(IMessageStream<FetchMessage> stream, TimeProvider? time = null) =>
        new(Node.Links.Offers, Node.Links.Intake, Policy, Node.Restrictions.Origin, stream, Outcomes.Enqueue, NullLogger.Instance, time ?? TimeProvider.System);

    public async Task StoreAsync(params IEnumerable<byte[]> certificates)
    {
        byte[] keyring = [.. certificates.SelectMany(static bytes => bytes)];
        await foreach (SubmissionOutcome outcome in Node.Submissions.ImportAsync(new MemoryStream(keyring), CancellationToken.None))
            Assert.NotEqual(SubmissionResult.Rejected, outcome.Result);
    }

    public List<ulong> ReadPrefixes() =>
        [.. Node.ReadAll(ServedView.Clean).Select(static certificate => BinaryPrimitives.ReadUInt64BigEndian(certificate.ContentDigest!.Value.Span))];

    public async Task WaitForOutcomesAsync(int count) => await Eventually.IsTrueAsync(
        _ => Task.FromResult(Outcomes.Count >= count), $"{count} outcomes", cancellationToken: TestContext.Current.CancellationToken);

    public static SignedCertificate Small(int seed) => new SignedCertificate(SigningKey.FromPool(seed))
        .UserId($"Number {seed} <number.{seed}@example.org>").Certify();

    /// <summary>Above what is offered with its packets.</summary>
    public static SignedCertificate Large(int seed, int signatures = 3)
    {
        SignedCertificate certificate = Small(seed);
        for (uint i = 1; i <= signatures; i++)
            certificate.Certify(spec => spec.At(SigningKey.DefaultCreationTime + i).With(new Subpacket((byte)SubpacketType.PolicyUri, new byte[5000])));
        return certificate;
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        _folder.Dispose();
    }
}
