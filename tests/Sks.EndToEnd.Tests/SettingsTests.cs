using Sks.Server.CommandLine;
using Sks.Server.Configuration;

namespace Sks.EndToEnd.Tests;

public sealed class SettingsTests
{
    [Fact]
    public void Without_any_layer_the_defaults_are_valid()
    {
        ServerSettings settings = SettingsLoader.Load([]);

        Assert.Equal("./sks-data", settings.Node.DataDirectory);
        Assert.Equal(["127.0.0.1:11371"], settings.Hkp.Listen);
        Assert.Equal(["127.0.0.1:11372"], settings.Grpc.Listen);
        Assert.Empty(settings.Metrics.Listen);
    }

    [Fact]
    public void A_later_list_replaces_an_earlier_one_as_a_whole()
    {
        ServerSettings settings = SettingsLoader.Load(
        [
            Layer("Hkp:Listen", "127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"),
            Layer("Hkp:Listen", "127.0.0.1:4"),
        ]);

        Assert.Equal(["127.0.0.1:4"], settings.Hkp.Listen);
    }

    [Fact]
    public void One_text_may_stand_for_a_list()
    {
        ServerSettings settings = SettingsLoader.Load([Layer("hkp:listen", "127.0.0.1:1, [::1]:2")]);

        Assert.Equal(["127.0.0.1:1", "[::1]:2"], settings.Hkp.Listen);
    }

    [Fact]
    public void Every_type_of_value_is_read()
    {
        ServerSettings settings = SettingsLoader.Load(
        [
            Layer("Hkp:BodyTimeout", "00:00:07"),
            Layer("Node:AllowFullView", "true"),
            Layer("Node:MinFreeDiskBytes", "8589934592"),
            Layer("Node:MaxMatches", "77"),
            Layer("Log:Level", "debug"),
            Layer("Hkp:TlsKeyFile", "key.pem"),
        ]);

        Assert.Equal(TimeSpan.FromSeconds(7), settings.Hkp.BodyTimeout);
        Assert.True(settings.Node.AllowFullView);
        Assert.Equal(8L << 30, settings.Node.MinFreeDiskBytes);
        Assert.Equal(77, settings.Node.MaxMatches);
        Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Debug, settings.Log.Level);
        Assert.Equal("key.pem", settings.Hkp.TlsKeyFile);
    }

    [Theory]
    [InlineData("Hkp:BodyTimeout", "soon")]
    [InlineData("Hkp:BodyTimeout", "2.00:00:00")]
    [InlineData("Node:AllowFullView", "perhaps")]
    [InlineData("Node:MaxMatches", "4294967296")]
    [InlineData("Log:Level", "17")]
    [InlineData("Hkp:Listen", "off, 127.0.0.1:1")]
    [InlineData("Grpc:Listen", "192.0.2.1:11372")]
    [InlineData("Node:DataDirectory", "")]
    [InlineData("Peer:Listen", "keys.example.org:11373")]
    [InlineData("Peer:Advertise", "keys.example.org:70000")]
    [InlineData("Peer:CompareInterval", "00:00:00.01")]
    public void A_wrong_value_is_refused_by_name(string path, string value)
    {
        CommandException refusal = Assert.Throws<CommandException>(() => SettingsLoader.Load([Layer(path, value)]));

        Assert.Equal(ExitCode.Usage, refusal.ExitCode);
        Assert.Contains(path.Split(':')[1], refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_described_can_be_loaded_again()
    {
        List<KeyValuePair<string, string>> described =
            [.. SettingsLoader.Describe(SettingsLoader.Load([Layer("Hkp:Listen", "127.0.0.1:1", "[::1]:2"), Layer("Hkp:WordSearch", "false")]))];

        ServerSettings again = SettingsLoader.Load(described.Where(pair => pair.Value.Length > 0).Select(pair => Layer(pair.Key, pair.Value)));

        Assert.Equal(described, SettingsLoader.Describe(again));
    }

    private static ConfigurationLayer Layer(string path, params string[] values) => new("test", [KeyValuePair.Create<string, IReadOnlyList<string>>(path, values)]);
}
