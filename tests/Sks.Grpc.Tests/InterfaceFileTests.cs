using Sks.TestSupport;

namespace Sks.Grpc.Tests;

public class InterfaceFileTests
{
    [Theory]
    [InlineData("lint")]
    [InlineData("format", "--diff", "--exit-code")]
    [InlineData("breaking", "--against", "protos/baseline.json")]
    public async Task Interface_files_are_clean_and_break_no_client(params string[] arguments)
    {
        var command = new ProcessCommand(InteropTool.Require("buf"), arguments) { WorkingDirectory = Repository.Combine() };

        ProcessResult result = await ProcessRunner.RunAsync(command, null, TestContext.Current.CancellationToken);

        Assert.True(result.ExitCode == 0, result.ToString());
    }
}
