using System.Text.Json;
using Sks.Node;
using Sks.Server.CommandLine;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.EndToEnd.Tests;

public sealed class ExplainTests : IDisposable
{
    private static readonly SigningKey Owner = new(1);
    private static readonly SigningKey Other = new(2);

    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.Combine("data");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_packet_is_a_line_that_says_whether_it_is_served(bool throughNode)
    {
        await ImportAsync();
        await using RunningNode? node = throughNode ? await RunningNode.StartAsync(Data) : null;

        ProcessResult result = await Sksd.RunAsync("explain", "--data", Data, "0x" + Owner.Fingerprint.ToString().ToLowerInvariant());

        IReadOnlyList<string> lines = result.EnsureSuccess().OutputLines;
        Assert.Equal($"certificate {Owner.Fingerprint}, version 4, created 2019-12-03", lines[0]);
        Assert.StartsWith("clean view: content digest ", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("full view: SKS digest ", lines[2], StringComparison.Ordinal);
        Assert.Equal($"served    primary key {Owner.Fingerprint}", lines[3]);
        Assert.Contains("served    user ID Somebody", lines);
        Assert.Contains($"served      certification by {Owner.KeyId}, 2019-12-03", lines);
        Assert.Contains($"left out    certification by {Other.KeyId}, 2019-12-03: the first 16 bits of its hash are wrong: it was not made over this", lines);
        Assert.Contains("left out  user ID Mallory: no signature of the certificate's own key supports it", lines);
        Assert.Equal("packets: 3 served, 2 left out", lines[^1]);
    }

    [Fact]
    public async Task Json_is_one_object_per_certificate()
    {
        await ImportAsync();

        ProcessResult result = await Sksd.RunAsync("explain", "--data", Data, "--json", Owner.Fingerprint.ToString());

        JsonElement certificate = JsonDocument.Parse(Assert.Single(result.EnsureSuccess().OutputLines)).RootElement;
        JsonElement[] packets = [.. certificate.GetProperty("packets").EnumerateArray()];
        Assert.Equal(5, packets.Length);
        Assert.Equal(3, packets.Count(packet => packet.GetProperty("inCleanView").GetBoolean()));
        Assert.Equal(["WrongHashTag", "Unproven"], packets.Select(packet => packet.GetProperty("fate").GetString()).Where(fate => fate != "Kept").Reverse());
    }

    [Fact]
    public async Task What_is_not_there_is_exit_code_1()
    {
        await ImportAsync();

        ProcessResult result = await Sksd.RunAsync("explain", "--data", Data, Other.Fingerprint.ToString());

        Assert.Equal(1, result.ExitCode);
        Assert.Equal("sksd: nothing found", result.SingleError());
    }

    [Fact]
    public void A_platform_that_verifies_wrongly_is_exit_code_1_and_a_line_that_names_a_vector()
    {
        (int ExitCode, string Message)? report = ErrorReport.Describe(new UnsoundPlatformException(["brainpool: valid", "ed448: small order"]));

        Assert.Equal(ExitCode.No, report?.ExitCode);
        Assert.Contains("'brainpool: valid' and 1 others", report?.Message, StringComparison.Ordinal);
    }

    private async Task ImportAsync()
    {
        SignedCertificate certificate = new SignedCertificate(Owner)
            .UserId("Somebody").Certify().ThirdParty(Other, static spec => spec.WithWrongHashTag()).UserId("Mallory");
        await File.WriteAllBytesAsync(_folder.Combine("made.pgp"), certificate.Build(), TestContext.Current.CancellationToken);
        (await Sksd.RunAsync("import", "--data", Data, _folder.Combine("made.pgp"))).EnsureSuccess();
    }
}
