using System.CommandLine;
using Meerkat.Connections.Http;

namespace Meerkat.Server.Commands;

/// <summary><c>meerkat token</c>: makes a token by which a program is the administrator.</summary>
internal static class TokenCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "Whose token it is, for the log." };
        var command = new Command("token", "Makes a token for administration by GraphQL or REST, and shows what the configuration needs of it. The token itself is kept nowhere.") { name };
        command.SetAction(arguments =>
        {
            var token = ApiTokenOptions.Create();
            Console.Error.WriteLine("The program sends \"Authorization: Bearer\" and this:");
            Console.Out.WriteLine(token);
            Console.Error.WriteLine("A handler that takes it has:");
            Console.Error.WriteLine($"    tokens = [{{ name = {Quote(arguments.GetValue(name)!)}, sha256 = \"{ApiTokenOptions.Hash(token)}\" }}]");
        });
        return command;
    }

    // A basic string of TOML.
    private static string Quote(string text) => $"\"{string.Concat(text.Select(c => c is '"' or '\\' || char.IsControl(c) ? $"\\u{(int)c:X4}" : $"{c}"))}\"";
}
