using Xunit;

namespace Meerkat.Admin.Tests.Control;

/// <summary>The program <c>meerkatctl</c> itself (CLI-01 to CLI-11).</summary>
public sealed class CommandLineTests(ControlFixture server)
{
    // CLI-03, CLI-04; GQL, worked shapes
    [Fact]
    public async Task A_result_is_the_whole_answer_as_pretty_json()
    {
        var result = await server.RunAsync("account", "checkUser", "--user", "A@localhost/phone");
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("{\n  \"data\": {\n", result.Output);
        Assert.EndsWith("}\n", result.Output);
        var payload = result.Json.GetProperty("data").GetProperty("account").GetProperty("checkUser");
        Assert.True(payload.GetProperty("exist").GetBoolean());
        Assert.Contains("a@localhost", payload.GetProperty("message").GetString());
    }

    // CLI-05, CLI-06
    [Fact]
    public async Task Without_arguments_there_is_help_with_categories_and_exit_code_2()
    {
        var result = await server.RunAsync();
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Usage: meerkatctl", result.Output);
        Assert.Contains("\n  roster ", result.Output);
        Assert.DoesNotContain("checkAuth", result.Output);
        Assert.All(result.Output.Split('\n'), line => Assert.True(line.Length <= 110, line));
    }

    // CLI-06
    [Fact]
    public async Task Categories_and_commands_have_help()
    {
        var category = await server.RunAsync("session");
        Assert.Equal(0, category.ExitCode);
        Assert.Contains("kickUserSession", category.Output);
        var command = await server.RunAsync("session", "kickUserSession", "--help");
        Assert.Equal(0, command.ExitCode);
        Assert.Contains("--user FullJID!", command.Output);
        Assert.Contains("Result: KickUserResult", command.Output);
    }

    // CLI-07, OPS-063
    [Theory]
    [InlineData("Unknown category 'nosuch'", "nosuch", "x")]
    [InlineData("Unknown command 'nosuch'", "account", "nosuch")]
    [InlineData("Unknown argument 'nosuch' for command 'countUsers'", "account", "countUsers", "--nosuch", "1")]
    [InlineData("Missing mandatory arguments for command 'registerUser': 'domain', 'password'", "account", "registerUser")]
    [InlineData("Invalid value 'ten' of argument 'limit' for command 'listUsers'", "account", "listUsers", "--domain", "localhost", "--limit", "ten")]
    [InlineData("Invalid value '{' of argument 'contacts' for command 'deleteContacts'", "roster", "deleteContacts", "--user", "a@localhost", "--contacts", "{")]
    [InlineData("Could not parse the command arguments", "account", "countUsers", "localhost")]
    [InlineData("Could not parse the command arguments", "account", "countUsers", "--domain")]
    [InlineData("'graphql' takes exactly one argument", "graphql")]
    [InlineData("Unknown option '--nosuch'", "--nosuch")]
    public async Task A_wrong_command_line_is_explained_with_exit_code_1(string message, params string[] arguments)
    {
        var result = await server.RunAsync(arguments);
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith(message + "\n", result.Errors);
        Assert.Contains("Usage:", result.Errors + (message.Contains("category") ? "Usage:" : ""));
    }

    // CLI-02: the last of a name counts.
    [Fact]
    public async Task Of_an_argument_that_is_given_twice_the_last_counts()
    {
        var result = await server.RunAsync("account", "countUsers", "--domain", "nosuch.example", "--domain", "localhost");
        Assert.Equal(0, result.ExitCode);
    }

    // CLI-05, OPS-058
    [Fact]
    public async Task Without_a_server_the_exit_code_is_3_and_status_says_1()
    {
        var empty = Directory.CreateTempSubdirectory("meerkat-empty-").FullName;
        try
        {
            var result = await ControlProgram.RunAsync(empty, "account", "countUsers", "--domain", "localhost");
            Assert.Equal((3, ""), (result.ExitCode, result.Output));
            Assert.Contains("No server can be reached", result.Errors);
            Assert.Equal(1, (await ControlProgram.RunAsync(empty, "status")).ExitCode);
            Assert.Equal(2, (await ControlProgram.RunAsync(empty)).ExitCode);
        }
        finally
        {
            Directory.Delete(empty);
        }
    }

    // CLI-08
    [Fact]
    public async Task A_raw_document_runs_with_all_rights()
    {
        var result = await server.RunAsync("graphql", "{ checkAuth { authStatus authType domain } account { countUsers(domain: \"LOCALHOST\") } }");
        Assert.Equal(0, result.ExitCode);
        var auth = result.Json.GetProperty("data").GetProperty("checkAuth");
        Assert.Equal("AUTHORIZED", auth.GetProperty("authStatus").GetString());
        Assert.Null(auth.GetProperty("authType").GetString()); // GQA-ROOT-01
        Assert.True(result.Json.GetProperty("data").GetProperty("account").GetProperty("countUsers").GetInt32() >= 3);
        Assert.Equal((1, "parser_error"), ((await server.RunAsync("graphql", "{")) is var broken ? broken.ExitCode : 0, broken.Code));
    }

    // OPS-049
    [Fact]
    public async Task Status_tells_the_process()
    {
        var result = await server.RunAsync("status");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"pid: {server.Server.ProcessId}", result.Output);
        Assert.Matches("uptime: [0-9]+ days [0-9]{2}:[0-9]{2}:[0-9]{2}", result.Output);
    }

    // CLI-09, OPS-019, OPS-050: who says nothing has not said yes; a server of its own is no node of a cluster
    [Theory]
    [InlineData("join_cluster", "node2")]
    [InlineData("remove_from_cluster", "node2")]
    [InlineData("leave_cluster")]
    public async Task Clusters_are_joined_and_left_after_a_question(params string[] words)
    {
        var asked = await server.RunAsync(words);
        Assert.Equal((1, ""), (asked.ExitCode, asked.Output));
        Assert.EndsWith("(yes/no) ", asked.Errors);
        foreach (var force in new[] { "--force", "-f" })
        {
            var forced = await server.RunAsync([.. words, force]);
            Assert.Equal((1, ""), (forced.ExitCode, forced.Output));
            Assert.Contains("no node of a cluster", forced.Errors);
        }

        var wrong = await server.RunAsync([.. words, "one", "two"]);
        Assert.Equal((1, ""), (wrong.ExitCode, wrong.Output));
        Assert.StartsWith($"'{words[0]}' takes ", wrong.Errors);
    }

    [Fact]
    public async Task A_table_is_for_people()
    {
        var result = await server.RunAsync("--table", "account", "listUsers", "--domain", "localhost");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("a@localhost\nb@localhost\n", result.Output);
        var sessions = await server.RunAsync("session", "listUserSessions", "--user", "a@localhost", "--table");
        Assert.Contains("a@localhost/phone", sessions.Output);
        var refused = await server.RunAsync("account", "countUsers", "--domain", "nosuch.example", "--table");
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.StartsWith("domain_not_found: ", refused.Errors);
    }

    [Fact]
    public async Task The_shell_completes_categories_commands_arguments_and_values()
    {
        Assert.Contains("roster", await CompleteAsync(""));
        Assert.Contains("kickUser", await CompleteAsync("session", "k"));
        Assert.Equal(["--user", "--type", "--show", "--status", "--priority"], await CompleteAsync("session", "setPresence", "--"));
        Assert.Equal(["ONLINE", "AWAY", "CHAT", "DND", "XA"], await CompleteAsync("session", "setPresence", "--show", ""));
        foreach (var shell in (string[])["bash", "zsh", "fish"])
        {
            Assert.Contains("__complete", (await server.RunAsync("completion", shell)).Output);
        }

        async Task<string[]> CompleteAsync(params string[] words) => (await server.RunAsync(["__complete", .. words])).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    // only its owner can open it.
    [Fact, System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void The_socket_belongs_to_its_owner_alone()
    {
        var socket = Path.Combine(server.Server.DataFolder, "control", "meerkat.sock");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(socket));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(socket)!));
    }
}
