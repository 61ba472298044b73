return await Sks.Server.CommandLine.SksdCommand.RunAsync(args);
