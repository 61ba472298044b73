using System.CommandLine;
using Google.Protobuf;
using Sks.Admin.V1;
using Sks.Grpc.Peers;
using Sks.Node;
using Sks.Server.CommandLine;
using Sks.Server.Local;

namespace Sks.Server.Verbs;

/// <summary><c>sksd peer invite|accept|add|remove</c></summary>
internal static class PeerVerb
{
    private const int MinIdDigits = 8;
    private const string StandardInput = "-";

    public static Command Create()
    {
        var command = new Command("peer", "Choose the nodes of this kind that the local node exchanges certificates with, see docs/peers.md.");
        command.Add(CreateInvite());
        command.Add(CreateAccept());
        command.Add(CreateAdd());
        command.Add(CreateRemove());
        return command;
    }

    private static Command CreateInvite()
    {
        Option<string> data = VerbOptions.Data();
        Option<string> config = VerbOptions.Config();
        var command = new Command(
            "invite", "Print a token by which another node and the running one become peers. It is the last line; it is good once, for 15 minutes.") { data, config };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using LocalNode node = await FindRunningAsync(parsed, data, config, cancellationToken);
            InvitePeerResponse response = await new AdminService.AdminServiceClient(node.Channel)
                .InvitePeerAsync(new InvitePeerRequest(), cancellationToken: cancellationToken);
            Terminal.WriteLine("Give the last line to the operator of the other node and nobody else; there, within 15 minutes: sksd peer accept TOKEN");
            Terminal.WriteLine($"The other node must be able to reach this one at {string.Join(" or ", response.Addresses)}.");
            Terminal.WriteLine(response.Token);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateAccept()
    {
        var token = new Argument<string>("TOKEN") { Description = "The last line of what sksd peer invite has printed on the other node; - reads it, one line, from standard input" };
        Option<string> data = VerbOptions.Data();
        Option<string> config = VerbOptions.Config();
        var command = new Command(
            "accept",
            "Make the running node and the one that invited peers of each other. " +
            "A token that stands in the command is seen in the machine's list of processes and stays in the history of the shell: - avoids both. " +
            "Exit code 1 when the invitation is not good, or no more; 2 when this is no token; 3 when one of the nodes cannot be reached.")
        {
            token, data, config,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using LocalNode node = await FindRunningAsync(parsed, data, config, cancellationToken);
            string text = parsed.GetRequiredValue(token);
            if (text == StandardInput)
                text = await Console.In.ReadLineAsync(cancellationToken) ?? throw CommandException.Usage("there is no token on standard input");
            AcceptPeerResponse response = await new AdminService.AdminServiceClient(node.Channel)
                .AcceptPeerAsync(new AcceptPeerRequest { Token = text }, cancellationToken: cancellationToken);
            return Report(response);
        });
        return command;
    }

    private static int Report(AcceptPeerResponse response)
    {
        string node = $"node {HexText.OfNode(response.NodeId)}";
        switch (response.Status)
        {
            case AcceptPeerStatus.Accepted:
                Terminal.WriteLine($"joined: {node}");
                return ExitCode.Done;
            case AcceptPeerStatus.Malformed:
                throw CommandException.Usage(response.Detail);
            case AcceptPeerStatus.Unreachable:
                throw CommandException.Unreachable($"{node} cannot be reached: {response.Detail}");
            default:
                throw CommandException.No($"no peer of {node}: {response.Detail}");
        }
    }

    private static Command CreateAdd()
    {
        var addresses = new Argument<string[]>("HOST:PORT")
        {
            Arity = new ArgumentArity(0, PeerAddress.MaxCount),
            Description = "Where the other node accepts peers: name or address, IPv6 in brackets; several are tried one after the other. None for a peer that only calls in",
        };
        addresses.Validators.Add(result =>
        {
            string? wrong = result.Tokens.Select(static part => part.Value).FirstOrDefault(static text => !PeerAddress.TryParse(text, out _));
            if (wrong is not null)
                result.AddError($"'{wrong}' is not HOST:PORT (keys.example.org:11373, [2001:db8::1]:11373)");
        });
        var id = new Option<string>("--id") { HelpName = "NODEID", Required = true, Description = "Its id, 64 hex digits: sksd stats prints it there" };
        id.Validators.Add(static result =>
        {
            if (result.Tokens is [var part] && !NodeId.TryParse(part.Value, out _))
                result.AddError($"--id: '{part.Value}' is no node id of 64 hex digits");
        });
        Option<string> data = VerbOptions.Data();
        Option<string> config = VerbOptions.Config();
        var command = new Command(
            "add",
            "Make a node a peer, or give a peer other addresses, or none any more, with or without a running node. " +
            "The operator there has to do the same with this node. Nothing is contacted yet.")
        {
            addresses, id, data, config,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            NodeId other = NodeId.Read(Convert.FromHexString(parsed.GetRequiredValue(id)));
            var request = new AddPeerRequest { NodeId = ByteString.CopyFrom(other.ToArray()), Addresses = { parsed.GetValue(addresses) ?? [] } };
            await using LocalNode node = await LocalNode.OpenAsync(parsed.LoadSettings(data, config), cancellationToken);
            AddPeerResponse response = await new AdminService.AdminServiceClient(node.Channel).AddPeerAsync(request, cancellationToken: cancellationToken);
            if (response.Status == AddPeerStatus.Self)
                throw CommandException.No("that is the id of this node itself; what is needed is the other node's");
            string where = request.Addresses.Count == 0 ? "without an address: it has to call this node" : $"at {string.Join(", ", request.Addresses)}";
            Terminal.WriteLine($"{(response.Status == AddPeerStatus.Updated ? "changed" : "added")}: node {other} {where}");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command CreateRemove()
    {
        var id = new Argument<string>("NODEID") { Description = $"Its id, or the first digits of it, {MinIdDigits} or more, as far as they mean one peer" };
        id.Validators.Add(static result =>
        {
            if (result.Tokens is [var part] && !IsIdStart(part.Value))
                result.AddError($"'{part.Value}' is no node id, nor the first {MinIdDigits} hex digits or more of one");
        });
        Option<string> data = VerbOptions.Data();
        Option<string> config = VerbOptions.Config();
        var command = new Command(
            "remove",
            "Make a node a peer no more, at once, with or without a running node. What came from it stays. Exit code 1 when it is no peer.") { id, data, config };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string text = parsed.GetRequiredValue(id);
            await using LocalNode node = await LocalNode.OpenAsync(parsed.LoadSettings(data, config), cancellationToken);
            RemovePeerResponse response = await new AdminService.AdminServiceClient(node.Channel)
                .RemovePeerAsync(new RemovePeerRequest { Id = text }, cancellationToken: cancellationToken);
            if (response.Status == RemovePeerStatus.Ambiguous)
                throw CommandException.No($"the ids of several peers begin with {text}: give more digits");
            if (response.Status != RemovePeerStatus.Removed)
                throw CommandException.No($"no peer's id begins with {text}; sksd peers lists them");
            Terminal.WriteLine($"removed: node {HexText.OfNode(response.NodeId)}");
            return ExitCode.Done;
        });
        return command;
    }

    private static bool IsIdStart(string text) => text.Length is >= MinIdDigits and <= 2 * NodeId.Length && text.All(char.IsAsciiHexDigit);

    // An invitation is taken up by a call from the other node, or makes one to it: that takes a node that goes on.
    private static async Task<LocalNode> FindRunningAsync(
        ParseResult parsed, Option<string> data, Option<string> config, CancellationToken cancellationToken)
    {
        var folder = new DataDirectory(parsed.LoadSettings(data, config).Node.DataDirectory);
        return await LocalNode.FindRunningAsync(folder, cancellationToken)
            ?? throw CommandException.Unreachable($"no node is running on {folder.Path}; --data says where to look");
    }
}
