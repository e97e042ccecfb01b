using System.CommandLine;
using Meerkat.Server.Commands;

var root = new RootCommand("Meerkat, an XMPP messaging server. This program works without a running server.")
{
    RunCommand.Create(),
    ConfigurationCommands.Create(),
    AccountCommands.Create(),
    DatabaseCommands.Create(),
    PortabilityCommands.CreateExport(),
    PortabilityCommands.CreateImport(),
    StandardsCommand.Create(),
    TokenCommand.Create(),
};

return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
