using Grpc.Core;
using Sks.Admin.V1;

namespace Sks.Grpc.Tests;

public class CheckTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sound_store_is_reported_as_such(bool repair)
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.StoreAsync(TestCertificate.CreateKeyring(1, 30));
        using AsyncServerStreamingCall<CheckResponse> call = server.Admin.Check(new CheckRequest { Repair = repair }, cancellationToken: Ended);

        List<CheckResponse> responses = await call.ResponseStream.ReadAllAsync(Ended).ToListAsync(Ended);

        Assert.All(responses[..^1], response => Assert.Equal(CheckResponse.StepOneofCase.Progress, response.StepCase));
        Assert.Equal(new CheckReport { CertificatesChecked = 30 }, responses[^1].Report);
    }
}
