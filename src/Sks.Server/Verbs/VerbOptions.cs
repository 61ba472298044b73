using System.CommandLine;
using System.CommandLine.Parsing;
using Sks.Grpc.Peers;
using Sks.Node;
using Sks.OpenPgp;
using Sks.Server.Configuration;
using Sks.Server.Configuration.Sksconf;

namespace Sks.Server.Verbs;

/// <summary>Options that several verbs share, so that they are called and explained alike.</summary>
internal static class VerbOptions
{
    public static Option<string> Data() => new("--data")
    {
        HelpName = "DIR",
        Description = "Folder of the store. Default: ./sks-data",
    };

    public static Option<string> Config() => new("--config")
    {
        HelpName = "FILE",
        Description = "Configuration file (JSON), see docs/configuration.md. Environment variables (SKS__Hkp__Listen=...) override it, the command line overrides both",
    };

    public static Option<string> SksConfig() => new("--sks-config")
    {
        HelpName = "DIR",
        Description = "Folder of an SKS server: reads sksconf, membership and mailsync there or in etc/sks below it, see docs/recon.md. Configuration file, environment and command line override them",
    };

    public static Option<string[]> Profile()
    {
        var option = new Option<string[]>("--profile")
        {
            HelpName = "NAME",
            Description = $"Keep up the digests and the tree of another kind of keyserver, see docs/dialects.md; repeatable: {string.Join(", ", Dialect.All.Select(static dialect => dialect.Name))}",
        };
        option.Validators.Add(result =>
        {
            string? wrong = result.Tokens.Select(static token => token.Value).FirstOrDefault(static name => !Dialect.TryFind(name, out _));
            if (wrong is not null)
                result.AddError($"--profile: '{wrong}' is no dialect; there are {string.Join(", ", Dialect.All.Select(static dialect => dialect.Name))}");
        });
        return option;
    }

    public static Option<bool> Json(string description) => new("--json") { Description = description };

    public static Option<Uri> Server() => new("--server")
    {
        HelpName = "URL",
        Description = $"gRPC address of a node. Default: {ServerAddress.Default}, unless --data is given",
        CustomParser = ParseUrl,
    };

    /// <summary>An option that takes addresses to listen on.</summary>
    public static Option<string[]> Listener(string name, string description)
    {
        var option = new Option<string[]>(name) { HelpName = "ADDR:PORT", Description = description };
        option.Validators.Add(result =>
        {
            string? wrong = result.Tokens.Select(token => token.Value).FirstOrDefault(text => text != ListenAddress.Off && !ListenAddress.TryParse(text, out _));
            if (wrong is not null)
                result.AddError($"{name}: '{wrong}' is not ADDR:PORT (127.0.0.1:11371, [::1]:11371) nor '{ListenAddress.Off}'");
        });
        return option;
    }

    /// <summary>An option that takes hosts that others reach this node at.</summary>
    public static Option<string[]> Advertise()
    {
        var option = new Option<string[]>("--advertise")
        {
            HelpName = "HOST[:PORT]",
            Description = "Where other nodes of this kind reach this one, for invitations; repeatable. Default: the addresses of --peer",
        };
        option.Validators.Add(result =>
        {
            string? wrong = result.Tokens.Select(token => token.Value).FirstOrDefault(static text => !PeerAddress.TryParse(text, out _) && !PeerAddress.TryParseHost(text, out _));
            if (wrong is not null)
                result.AddError($"--advertise: '{wrong}' is neither HOST nor HOST:PORT (keys.example.org, 192.0.2.1:11373, [2001:db8::1]:11373)");
        });
        return option;
    }

    /// <summary>Whether the user gave the option.</summary>
    public static bool Has(this ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>Settings for a verb that means a local node: file, environment, then <c>--data</c>.</summary>
    public static ServerSettings LoadSettings(this ParseResult parsed, Option<string> data, Option<string> config, Option<string[]>? profile = null)
    {
        Dictionary<string, IReadOnlyList<string>> given = [];
        if (profile is not null && parsed.GetValue(profile) is { Length: > 0 } profiles)
            given[$"{KeyserverOptions.Section}:{nameof(KeyserverOptions.Profiles)}"] = profiles;
        if (parsed.GetValue(data) is { } folder)
            given[$"{KeyserverOptions.Section}:{nameof(KeyserverOptions.DataDirectory)}"] = [folder];
        return parsed.LoadSettings(config, given);
    }

    /// <summary>Settings from file, environment and what the command line says; those of an SKS server come first where there is one.</summary>
    public static ServerSettings LoadSettings(
        this ParseResult parsed,
        Option<string> config,
        IReadOnlyDictionary<string, IReadOnlyList<string>> commandLine,
        Option<string>? sksConfig = null)
    {
        List<ConfigurationLayer> layers = [];
        if (sksConfig is not null && parsed.GetValue(sksConfig) is { } folder)
            layers.Add(SksConfiguration.ReadFolder(folder));
        if (parsed.GetValue(config) is { } file)
            layers.Add(ConfigurationLayer.FromFile(file));
        layers.Add(ConfigurationLayer.FromEnvironment());
        layers.Add(new ConfigurationLayer("command line", commandLine));
        return SettingsLoader.Load(layers);
    }

    private static Uri? ParseUrl(ArgumentResult result)
    {
        string text = result.Tokens.Single().Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri is { Scheme: "http" or "https" })
            return uri;
        result.AddError($"--server: '{text}' is not a URL such as {ServerAddress.Default}");
        return null;
    }
}
