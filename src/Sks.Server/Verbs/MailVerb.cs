using System.CommandLine;
using Google.Protobuf;
using Grpc.Core;
using Sks.Admin.V1;
using Sks.HkpAdapter.Mail;
using Sks.Server.CommandLine;
using Sks.Server.Configuration;
using Sks.Server.Local;

namespace Sks.Server.Verbs;

/// <summary><c>sksd mail receive</c></summary>
/// <remarks>Never opens the store: a mail system runs this for every mail, as any user.</remarks>
internal static class MailVerb
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Command Create() => new("mail", "Exchange certificates by mail, as PKS servers do.") { CreateReceive() };

    private static Command CreateReceive()
    {
        var spool = new Option<string>("--spool")
        {
            HelpName = "DIR",
            Description = "Folder for mails that cannot be handed to a running node. Default: what Mail:SpoolDirectory says, else mail/incoming in the folder of the store",
        };
        Option<string> data = VerbOptions.Data();
        Option<string> config = VerbOptions.Config();
        var command = new Command(
            "receive",
            "Take one mail from standard input, for a mail system's alias, procmail or sieve: hand it to the running node, or leave it in a folder for it. " +
            "Exit code 75 when neither works, so that the mail system tries again later.")
        {
            data, spool, config,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            ServerSettings settings = parsed.LoadSettings(data, config);
            ReadOnlyMemory<byte> message = await ReadAsync(settings.Mail.MaxMessageBytes, cancellationToken);
            if (await HandOverAsync(new DataDirectory(settings.Node.DataDirectory), message, cancellationToken) is not { } failure)
                return ExitCode.Done;

            string folder = parsed.GetValue(spool)
                ?? (settings.Mail.SpoolDirectory.Length > 0 ? settings.Mail.SpoolDirectory : MailSpool.DefaultFolder(settings.Node.DataDirectory));
            try
            {
                await MailSpool.WriteAsync(folder, message, TimeProvider.System, cancellationToken);
                return ExitCode.Done;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CommandException(ExitCode.TryAgain, $"{failure}, and the mail cannot be left in {folder}: {e.Message}", e);
            }
        });
        return command;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(int maxBytes, CancellationToken cancellationToken)
    {
        await using Stream input = Console.OpenStandardInput();
        using var message = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        while (await input.ReadAsync(buffer, cancellationToken) is > 0 and int read)
        {
            message.Write(buffer, 0, read);
            if (message.Length > maxBytes)
                throw CommandException.No($"the mail is larger than {maxBytes} bytes (Mail:MaxMessageBytes)");
        }

        return message.Length > 0
            ? message.GetBuffer().AsMemory(0, (int)message.Length)
            : throw CommandException.No("there is no mail on standard input");
    }

    // Null when the node has it, else why not. Whatever is wrong with the node, the folder is the answer.
    private static async Task<string?> HandOverAsync(DataDirectory data, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        try
        {
            await using LocalNode? node = await LocalNode.FindRunningAsync(data, cancellationToken);
            if (node is null)
                return $"no node is running on {data.Path}";
            await new AdminService.AdminServiceClient(node.Channel).ReceiveMailAsync(
                new ReceiveMailRequest { Message = UnsafeByteOperations.UnsafeWrap(message) },
                deadline: TimeProvider.System.GetUtcNow().UtcDateTime + Patience,
                cancellationToken: cancellationToken);
            return null;
        }
        catch (Exception e) when (e is CommandException or RpcException or IOException && !cancellationToken.IsCancellationRequested)
        {
            return ErrorReport.Describe(e)?.Message ?? e.Message;
        }
    }
}
