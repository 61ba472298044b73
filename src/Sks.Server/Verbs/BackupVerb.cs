using System.CommandLine;
using Sks.Admin.V1;
using Sks.Server.CommandLine;
using Sks.Server.Local;

namespace Sks.Server.Verbs;

/// <summary><c>sksd backup DIR</c></summary>
internal static class BackupVerb
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "Folder to make; there must be no store in it. On the file system of the store it takes hardly any space" };
        Option<string> data = VerbOptions.Data();
        Option<string> config = VerbOptions.Config();
        var withIdentity = new Option<bool>("--with-identity")
        {
            Description = "Include the node's private key and the secrets of its links: who has the backup is this node to all its peers",
        };
        Option<bool> json = VerbOptions.Json("Print the result as one JSON object");
        var command = new Command(
            "backup",
            "Make a folder that sksd run --data DIR serves, with or without a running node. Everything goes on meanwhile. " +
            "Run, it begins a change log of its own; without --with-identity it is another node, with the same certificates and restrictions. See docs/moving.md.")
        {
            folder, data, config, withIdentity, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string target = Path.GetFullPath(parsed.GetRequiredValue(folder));
            await using LocalNode node = await LocalNode.OpenAsync(parsed.LoadSettings(data, config), cancellationToken);
            var request = new BackupRequest { Folder = target, WithIdentity = parsed.GetValue(withIdentity) };
            BackupResponse response = await new AdminService.AdminServiceClient(node.Channel).BackupAsync(request, cancellationToken: cancellationToken);
            if (response.Status != BackupStatus.Done)
                throw CommandException.No(response.Detail);
            if (parsed.GetValue(json))
                Terminal.WriteJson(new { Folder = target, Certificates = response.CertificateCount, request.WithIdentity });
            else
                Terminal.WriteLine(ErrorReport.OneLine($"backed up: {response.CertificateCount} certificates in {target}"));
            return ExitCode.Done;
        });
        return command;
    }
}
