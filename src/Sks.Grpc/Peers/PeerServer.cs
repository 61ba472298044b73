using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sks.Node;
using Sks.Node.Links;

namespace Sks.Grpc.Peers;

/// <summary>What came of taking up an invitation.</summary>
/// <param name="IsAccepted">Whether the two are peers now.</param>
/// <param name="IsReachable">Whether the other node could be reached at all.</param>
/// <param name="Inviter">Who invited; null when the token could not be read.</param>
/// <param name="Detail">What is wrong, in words; null when nothing is.</param>
public sealed record JoinResult(bool IsAccepted, bool IsReachable, NodeId? Inviter, string? Detail);

/// <summary>Exchanges certificates with servers of our own kind: accepts them, contacts them, invites them.</summary>
public sealed class PeerServer : IAsyncDisposable
{
    private readonly PeerContext _context;
    private readonly X509Certificate2 _certificate;
    private readonly SslStreamCertificateContext _tls;
    private readonly WebApplication? _host;
    private readonly PeerContacts _contacts;
    private readonly RefusedPeers _refused;
    private readonly PeerServerMetrics _metrics;

    private PeerServer(
        PeerContext context, X509Certificate2 certificate, SslStreamCertificateContext tls, WebApplication? host, PeerContacts contacts, RefusedPeers refused)
    {
        (_context, _certificate, _tls, _host, _contacts, _refused) = (context, certificate, tls, host, contacts, refused);
        _metrics = new PeerServerMetrics(refused);
        Addresses = host is null ? [] : GrpcHost.ReadAddresses(host);
    }

    /// <summary>Where it listens: really bound, also where port 0 was asked for.</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; }

    /// <summary>Where others are told to reach this node, HOST:PORT each; none when it does not listen and advertises nothing.</summary>
    public IReadOnlyList<string> Advertised => _context.Addresses;

    /// <summary>Calls that were refused because whoever made them is no peer.</summary>
    public long RefusedCalls => _refused.Count;

    /// <summary>Starts to listen and to contact the peers in the book.</summary>
    /// <param name="node">The node; it stays the caller's, and must outlive this.</param>
    /// <param name="options">Where to listen and what to bear.</param>
    /// <param name="grpc">Limits of the services for clients, which are served on the same listener.</param>
    /// <param name="loggers">Where log lines go.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="OptionsValidationException">An option has a value it cannot have.</exception>
    /// <exception cref="IOException">An address is taken.</exception>
    public static Task<PeerServer> StartAsync(
        KeyserverNode node, PeerOptions options, GrpcOptions grpc, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken) =>
        StartAsync(new GrpcHostContext(node, grpc, loggers, time), options, static context => new PeerSessions(context), cancellationToken);

    /// <inheritdoc cref="StartAsync(KeyserverNode, PeerOptions, GrpcOptions, ILoggerFactory, TimeProvider, CancellationToken)"/>
    internal static async Task<PeerServer> StartAsync(
        GrpcHostContext host, PeerOptions options, Func<PeerContext, IPeerSessions> createSessions, CancellationToken cancellationToken)
    {
        ValidateOptionsResult validity = new PeerOptionsValidator().Validate(Options.DefaultName, options);
        if (validity.Failed)
            throw new OptionsValidationException(PeerOptions.Section, typeof(PeerOptions), validity.Failures);

        ILogger logger = host.Loggers.CreateLogger<PeerServer>();
        X509Certificate2 certificate = host.Node.Links.CreateTlsCertificate();
        WebApplication? listener = null;
        try
        {
            SslStreamCertificateContext tls = PeerTls.CreateContext(certificate);
            var refused = new RefusedPeers(logger);
            var calls = new PeerCalls(host.Node, logger, host.Time);
            IReadOnlyList<IPEndPoint> endPoints = PeerOptionsValidator.ReadListen(options);
            if (endPoints.Count > 0)
                listener = await GrpcHost.StartAsync(PeerListener.Build(host, options, endPoints, tls, refused, calls), cancellationToken).ConfigureAwait(false);

            IReadOnlyList<string> advertised = AdvertisedAddresses.Find(
                options.Advertise, listener is null ? [] : GrpcHost.ReadAddresses(listener), AdvertisedAddresses.ReadMachine());
            var context = new PeerContext(host.Node, options, advertised, logger, host.Time);
            IPeerSessions sessions = createSessions(context);
            var contacts = new PeerContacts(context, sessions, new PeerDialer(context, sessions, tls), new RetryPause(options.RetryInterval, NextRandom));
            calls.SetReady(sessions, contacts);
            var server = new PeerServer(context, certificate, tls, listener, contacts, refused);
            foreach (IPEndPoint address in server.Addresses)
                PeerLog.Listening(logger, address.ToString());
            contacts.Start();
            return server;
        }
        catch
        {
            await GrpcHost.StopAsync(listener).ConfigureAwait(false);
            certificate.Dispose();
            throw;
        }
    }

    /// <summary>Makes an invitation.</summary>
    /// <returns>The token for the other operator; null when this node cannot be reached: it neither listens nor advertises an address.</returns>
    /// <exception cref="Storage.StorageException">The store cannot be written now, or is closing.</exception>
    public async Task<string?> InviteAsync(CancellationToken cancellationToken)
    {
        if (Advertised.Count == 0)
            return null;
        DateTimeOffset expires = _context.Time.GetUtcNow() + Invitations.Lifetime;
        byte[] secret = await _context.Node.Links.Invitations.CreateAsync(cancellationToken).ConfigureAwait(false);
        return new InvitationToken(_context.Node.Links.Self, secret, expires, Advertised).Format();
    }

    /// <summary>Takes an invitation up: makes this node a peer of the inviter, and the inviter one of this node.</summary>
    /// <exception cref="Storage.StorageException">The store cannot be written now, or is closing.</exception>
    public Task<JoinResult> AcceptAsync(string token, CancellationToken cancellationToken) =>
        new InvitationAcceptance(_context, _tls).RunAsync(token, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _contacts.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            try
            {
                await GrpcHost.StopAsync(_host).ConfigureAwait(false);
            }
            finally
            {
                _metrics.Dispose();
                _certificate.Dispose();
            }
        }
    }

    // From 0 to 1. Where peers are concerned, nobody shall foresee when this node comes.
    private static double NextRandom() => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue;
}
