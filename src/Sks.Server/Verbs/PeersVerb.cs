using System.CommandLine;
using Sks.Admin.V1;
using Sks.Server.CommandLine;
using Sks.Server.Local;

namespace Sks.Server.Verbs;

/// <summary><c>sksd peers</c></summary>
internal static class PeersVerb
{
    public static Command Create()
    {
        Option<string> data = VerbOptions.Data();
        Option<string> config = VerbOptions.Config();
        Option<bool> json = VerbOptions.Json("Print one JSON object per peer and line");
        var command = new Command(
            "peers", "Print how it goes with each peer of the running node: last contact, differences found, bytes, errors, next attempt.") { data, config, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            // All there is to tell is what a running node remembers: opening the store would answer "none", which may be wrong.
            var folder = new DataDirectory(parsed.LoadSettings(data, config).Node.DataDirectory);
            await using LocalNode node = await LocalNode.FindRunningAsync(folder, cancellationToken)
                ?? throw CommandException.Unreachable($"no node is running on {folder.Path}; --data says where to look");
            ListPeersResponse response = await new AdminService.AdminServiceClient(node.Channel)
                .ListPeersAsync(new ListPeersRequest(), cancellationToken: cancellationToken);
            if (parsed.GetValue(json))
                PrintJson(response);
            else
                Print(response);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(ListPeersResponse response)
    {
        Terminal.WriteLine($"node: {HexText.OfNode(response.NodeId)}");
        if (response.Peers.Count == 0)
            Terminal.WriteLine("no peers");
        foreach (string line in PeerTable.Lines(response.Peers))
            Terminal.WriteLine(line);
    }

    private static void PrintJson(ListPeersResponse response)
    {
        foreach (Sks.Admin.V1.Peer peer in response.Peers)
            Terminal.WriteJson(PeerTable.ToJson(peer, response.NodeId));
    }
}
