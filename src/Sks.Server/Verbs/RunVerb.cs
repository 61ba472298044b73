using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.Hosting.Systemd;
using Sks.Grpc;
using Sks.Grpc.Peers;
using Sks.HkpAdapter;
using Sks.HkpAdapter.Recon;
using Sks.Node;
using Sks.Server.CommandLine;
using Sks.Server.Configuration;
using Sks.Server.Hosting;

namespace Sks.Server.Verbs;

/// <summary><c>sksd run</c>, and <c>sksd</c> without a verb.</summary>
internal static class RunVerb
{
    public const string Name = "run";

    public static Command Create()
    {
        Option<string> data = VerbOptions.Data();
        data.Description = "Folder of the store, made when missing. Default: ./sks-data";
        Option<string> config = VerbOptions.Config();
        Option<string[]> hkp = VerbOptions.Listener("--hkp", "Where to serve HKP; repeatable; off for nowhere. Default: 127.0.0.1:11371");
        Option<string[]> hkps = VerbOptions.Listener("--hkps", "Where to serve HKP over TLS; repeatable. Default: off");
        var certificate = new Option<string>("--tls-cert") { HelpName = "FILE", Description = "Certificate chain for --hkps, PEM; read again when it changes" };
        var key = new Option<string>("--tls-key") { HelpName = "FILE", Description = "Private key for --hkps, PEM; read again when it changes" };
        var web = new Option<string>("--web") { HelpName = "DIR", Description = "Folder with pages of your own (index.html, ...) for HKP to serve. Default: none" };
        Option<string[]> recon = VerbOptions.Listener("--recon", "Where to accept SKS peers; repeatable; off for nowhere. Default: 127.0.0.1:11370");
        Option<string> sksConfig = VerbOptions.SksConfig();
        Option<string[]> profile = VerbOptions.Profile();
        Option<string[]> grpc = VerbOptions.Listener("--grpc", "Where to serve gRPC; loopback only; repeatable; off for nowhere. Default: 127.0.0.1:11372");
        Option<string[]> peer = VerbOptions.Listener("--peer", "Where to accept nodes of this kind, see docs/peers.md; repeatable; off for nowhere. Default: off");
        Option<string[]> advertise = VerbOptions.Advertise();
        Option<string[]> metrics = VerbOptions.Listener("--metrics", "Where to serve metrics to Prometheus; repeatable. Default: off");
        var fullView = new Option<bool>("--allow-full-view") { Description = "Let anyone read certificates unfiltered (clean=off, hget, /pks/hashquery; gRPC: CERTIFICATE_VIEW_FULL)" };
        var command = new Command(Name, "Serve until TERM or Ctrl-C. This is what sksd does without a verb.")
        {
            data, hkp, hkps, certificate, key, web, recon, profile, grpc, peer, advertise, metrics, fullView, config, sksConfig,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            Dictionary<string, IReadOnlyList<string>> given = [];
            void Set(string section, string property, Option option, params string?[] values)
            {
                if (parsed.Has(option))
                    given[$"{section}:{property}"] = [.. values.OfType<string>()];
            }

            Set(KeyserverOptions.Section, nameof(KeyserverOptions.DataDirectory), data, parsed.GetValue(data));
            Set(HkpOptions.Section, nameof(HkpOptions.Listen), hkp, parsed.GetValue(hkp)!);
            Set(HkpOptions.Section, nameof(HkpOptions.ListenTls), hkps, parsed.GetValue(hkps)!);
            Set(HkpOptions.Section, nameof(HkpOptions.TlsCertificateFile), certificate, parsed.GetValue(certificate));
            Set(HkpOptions.Section, nameof(HkpOptions.TlsKeyFile), key, parsed.GetValue(key));
            Set(HkpOptions.Section, nameof(HkpOptions.WebDirectory), web, parsed.GetValue(web));
            Set(KeyserverOptions.Section, nameof(KeyserverOptions.AllowFullView), fullView, parsed.GetValue(fullView) ? "true" : "false");
            Set(KeyserverOptions.Section, nameof(KeyserverOptions.Profiles), profile, parsed.GetValue(profile)!);
            Set(ReconOptions.Section, nameof(ReconOptions.Listen), recon, parsed.GetValue(recon)!);
            Set(GrpcOptions.Section, nameof(GrpcOptions.Listen), grpc, parsed.GetValue(grpc)!);
            Set(PeerOptions.Section, nameof(PeerOptions.Listen), peer, parsed.GetValue(peer)!);
            Set(PeerOptions.Section, nameof(PeerOptions.Advertise), advertise, parsed.GetValue(advertise)!);
            Set(MetricsOptions.Section, nameof(MetricsOptions.Listen), metrics, parsed.GetValue(metrics)!);
            return RunAsync(parsed.LoadSettings(config, given, sksConfig), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(ServerSettings settings, CancellationToken stop)
    {
        using ILoggerFactory loggers = ServerLog.CreateFactory(settings.Log);
        ILogger logger = loggers.CreateLogger("Sks.Server");
        foreach ((string path, string value) in SettingsLoader.Describe(settings))
            logger.Setting(path, value);
        foreach (string note in settings.Notes)
            logger.ConfigurationNote(note);

        long stopping;
        Exception? failure;
        try
        {
            await using NodeHost host = await NodeHost.StartAsync(settings, loggers, TimeProvider.System, stop);
            Announce(host, settings.Node.DataDirectory, logger);
            failure = await ServeAsync(host, logger, stop);
            stopping = Stopwatch.GetTimestamp();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop before everything listened: as good an end as any.
            return ExitCode.Done;
        }

        logger.Stopped((long)Stopwatch.GetElapsedTime(stopping).TotalMilliseconds);
        return failure is null ? ExitCode.Done : ExitCode.No;
    }

    private static void Announce(NodeHost host, string data, ILogger logger)
    {
        foreach (string line in Banner.Lines(host, data, data == new KeyserverOptions().DataDirectory))
            Terminal.WriteLine(line);
        logger.Serving(host.Node.GetStatistics().Certificates, data);
    }

    /// <summary>Returns when the node is to stop: null when it was told to, else why it cannot go on.</summary>
    private static async Task<Exception?> ServeAsync(NodeHost host, ILogger logger, CancellationToken stop)
    {
        // Says nothing unless systemd started us and asked for it.
        var systemd = new SystemdNotifier();
        systemd.Notify(ServiceState.Ready);
        await Task.WhenAny(Task.Delay(Timeout.InfiniteTimeSpan, stop), host.Node.Completion);
        systemd.Notify(ServiceState.Stopping);
        Exception? failure = host.Node.Completion.Exception;
        if (failure is null)
            logger.Stopping();
        else
            logger.WriterFailed(failure);
        return failure;
    }
}
