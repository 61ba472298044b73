using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Security.Cryptography;
using Sks.Grpc;
using Sks.Grpc.Peers;
using Sks.HkpAdapter;
using Sks.HkpAdapter.Mail;
using Sks.HkpAdapter.Pks;
using Sks.HkpAdapter.Recon;
using Sks.Node;
using Sks.Server.CommandLine;
using Sks.Server.Configuration;
using Sks.Server.Local;

namespace Sks.Server.Hosting;

/// <summary>A node with everything around it that it was configured to have.</summary>
/// <remarks>Dispose closes the listeners first and together, so that nothing new comes in, and then the node, which writes what it has accepted.</remarks>
internal sealed class NodeHost : IAsyncDisposable
{
    // Of the five seconds that a stop may take, what is left belongs to the store.
    private static readonly TimeSpan ListenerStopTime = TimeSpan.FromSeconds(3);

    // What is announced while there are neither peers nor a listener.
    private const int DefaultHkpPort = 11371;

    private readonly List<IAsyncDisposable> _listeners = [];

    private readonly Task _migrationLog;

    private NodeHost(KeyserverNode node, ILogger logger, TimeProvider time)
    {
        Node = node;
        _migrationLog = ViewMigrationLog.RunAsync(node, logger, time);
    }

    /// <summary>The node itself.</summary>
    public KeyserverNode Node { get; }

    /// <summary>Where HKP listens.</summary>
    public IReadOnlyList<IPEndPoint> Hkp { get; private set; } = [];

    /// <summary>Where HKP with TLS listens.</summary>
    public IReadOnlyList<IPEndPoint> SecureHkp { get; private set; } = [];

    /// <summary>Where SKS peers are accepted.</summary>
    public IReadOnlyList<IPEndPoint> Recon { get; private set; } = [];

    /// <summary>Who the SKS peers are.</summary>
    public Membership Members { get; private set; } = null!;

    /// <summary>Where gRPC listens.</summary>
    public IReadOnlyList<IPEndPoint> Grpc { get; private set; } = [];

    /// <summary>Where nodes of this kind are accepted.</summary>
    public IReadOnlyList<IPEndPoint> Peer { get; private set; } = [];

    /// <summary>Where metrics are to be had.</summary>
    public IReadOnlyList<IPEndPoint> Metrics { get; private set; } = [];

    /// <summary>Opens the store and starts to listen. Returns when everything answers.</summary>
    /// <exception cref="CommandException">An address cannot be listened on, or an option does not fit.</exception>
    /// <exception cref="Storage.StorageException">The store cannot be opened.</exception>
    public static async Task<NodeHost> StartAsync(
        ServerSettings settings, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        settings.Grpc.AdminSocketPath = new DataDirectory(settings.Node.DataDirectory).SocketPath;
        var host = new NodeHost(KeyserverNode.Open(settings.Node, settings.Recon.ToTreeShape(), time), loggers.CreateLogger<NodeHost>(), time);
        try
        {
            // First, because counters only count while someone listens.
            MetricsServer metrics = await host.StartAsync(
                MetricsOptions.Section, settings.Metrics.Listen, () => MetricsServer.StartAsync(settings.Metrics, loggers, cancellationToken));
            host.Metrics = metrics.Addresses;
            PeerServer peers = await host.StartAsync(
                PeerOptions.Section,
                settings.Peer.Listen,
                () => PeerServer.StartAsync(host.Node, settings.Peer, settings.Grpc, loggers, time, cancellationToken));
            host.Peer = peers.Addresses;
            IMailTransport transport = MailTransport.Create(settings.Mail);
            await host.StartSendingAsync(settings.Mail, transport, loggers, time, cancellationToken);
            MailInbox? mail = host.StartMail(settings, transport, loggers, time);
            GrpcServer grpc = await host.StartAsync(
                GrpcOptions.Section,
                settings.Grpc.Listen.Append(settings.Grpc.AdminSocketPath),
                () => GrpcServer.StartAsync(host.Node, settings.Grpc, peers, mail, loggers, time, cancellationToken));
            host.Grpc = grpc.Addresses;
            host.Members = await host.StartMembershipAsync(settings.Recon, loggers, time, cancellationToken);
            HkpServer hkp = await host.StartAsync(
                HkpOptions.Section,
                settings.Hkp.Listen.Concat(settings.Hkp.ListenTls),
                () => HkpServer.StartAsync(host.Node, settings.Hkp, host.Members, loggers, time, cancellationToken));
            (host.Hkp, host.SecureHkp) = (hkp.Addresses, hkp.SecureAddresses);
            int hkpPort = FindHkpPort(settings.Recon, hkp);
            ReconServer recon = await host.StartAsync(
                ReconOptions.Section,
                settings.Recon.Listen,
                () => ReconServer.StartAsync(host.Node, settings.Recon, host.Members, hkpPort, loggers, time, cancellationToken));
            host.Recon = recon.Addresses;
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Task.WhenAll(_listeners.Select(listener => listener.DisposeAsync().AsTask())).WaitAsync(ListenerStopTime);
        }
        catch (TimeoutException)
        {
            // A client that does not let go must not keep the store from closing well.
        }
        finally
        {
            await Node.DisposeAsync();
            await _migrationLog.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static int FindHkpPort(ReconOptions options, HkpServer hkp)
    {
        if (options.HttpPort != 0 || hkp.Addresses is [{ }, ..])
            return options.HttpPort != 0 ? options.HttpPort : hkp.Addresses[0].Port;
        bool hasPeers = options.Peers.Count > 0 || options.MembershipFile is { Length: > 0 };
        return hasPeers
            ? throw CommandException.Usage(
                $"{ReconOptions.Section}:{nameof(ReconOptions.HttpPort)}: peers have to be told a port of HKP to fetch from, and there is no HKP listener")
            : DefaultHkpPort;
    }

    // Before anything can be submitted, so that none of it is missed.
    private async Task StartSendingAsync(
        MailOptions options, IMailTransport transport, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            _listeners.Add(await PksSender.StartAsync(Node, options, transport, loggers, time, cancellationToken));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Usage($"{MailOptions.Section}:{nameof(MailOptions.SendToFile)}: {e.Message}");
        }
    }

    private MailInbox? StartMail(ServerSettings settings, IMailTransport transport, ILoggerFactory loggers, TimeProvider time)
    {
        if (!settings.Mail.Receive)
            return null;
        var mail = new MailInbox(Node, settings.Node.DataDirectory, settings.Mail, transport, loggers, time);
        _listeners.Add(mail);
        return mail;
    }

    private async Task<Membership> StartMembershipAsync(
        ReconOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            Membership members = await Membership.StartAsync(options, Node.Peers, new SystemHostResolver(), loggers, time, cancellationToken);
            _listeners.Add(members);
            return members;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Usage($"{ReconOptions.Section}:{nameof(ReconOptions.MembershipFile)}: {e.Message}");
        }
    }

    private async Task<T> StartAsync<T>(string section, IEnumerable<string> addresses, Func<Task<T>> start)
        where T : IAsyncDisposable
    {
        try
        {
            T listener = await start();
            _listeners.Add(listener);
            return listener;
        }
        catch (Microsoft.Extensions.Options.OptionsValidationException e)
        {
            throw CommandException.Usage($"{section}: {e.Failures.First()}");
        }
        catch (Exception e) when (e is ValidationException or CryptographicException)
        {
            throw CommandException.Usage($"{section}: {e.Message}");
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            throw CommandException.Unreachable($"{section}: cannot listen on {string.Join(", ", addresses)}: {e.GetBaseException().Message}", e);
        }
    }
}
