using System.CommandLine;
using Meerkat.Server.Running;

namespace Meerkat.Server.Commands;

/// <summary><c>meerkat standards</c>: what the server stands by, made of its modules' attributes.</summary>
internal static class StandardsCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var doap = new Option<bool>("--doap") { Description = "As a DOAP file (XEP-0453) instead of a page." };
        var command = new Command("standards", "Prints the RFCs and XEPs that this server implements.") { doap };
        command.SetAction(arguments => Console.Out.Write(arguments.GetValue(doap) ? Standards.Doap() : Standards.Page()));
        return command;
    }
}
