using Meerkat.Connections.Http;
using Meerkat.Server.Configuration;
using Meerkat.Server.Running;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Meerkat.Server.Tests.Configuration;

/// <summary><c>meerkat config</c>, the built-in configuration (CONF-300 to CONF-303), and a whole file of the reference.</summary>
public sealed class ConfigCommandTests
{
    [Fact]
    public void The_built_in_configuration_is_fine_and_asks_for_nothing_that_is_not_here()
    {
        var loaded = Loading.Of(ConfigurationSource.BuiltIn().Utf8);
        Assert.Equal("", loaded.Said);
        Assert.Equal([5222, 5223], loaded.Accepted.Listen.C2s.Select(l => l.Port));
        Assert.Equal([5280, 5443], loaded.Accepted.Listen.Http.Select(l => l.Port));
        Assert.All(loaded.Accepted.Listen.Http.SelectMany(l => l.Handlers.WebSocket), ws => Assert.True(ws.PingRate < ws.Timeout)); // a browser that is silent is not gone
        Assert.All(loaded.Accepted.Listen.Http, l => Assert.Equal(["/ws-xmpp", "/http-bind", "/chat", "/api/admin/graphql", "/api/domain-admin/graphql", "/admin", "/health", "/metrics", "/"], l.Handlers.InOrder.Select(h => h.Path)));
        Assert.All(loaded.Accepted.Listen.Http, l => Assert.All(l.Handlers.GraphQL, g => Assert.Equal(l.Tls is null, g.LoopbackOnly))); // passwords go over TLS, or nowhere
        Assert.All(loaded.Accepted.Listen.Http, l => Assert.All(l.Handlers.WebAdmin, w => Assert.Equal(l.Tls is null, w.LoopbackOnly)));
        Assert.All(loaded.Accepted.Listen.Http.SelectMany(l => l.Handlers.GraphQL), g => Assert.True(g.SchemaEndpoint is GraphQLSchemaEndpoint.DomainAdmin || g.PasswordFile is not null)); // nobody comes in without
        Assert.Null(loaded.Accepted.General.RegistrationTimeout); // CONF-300
        Assert.Equal(10, loaded.Accepted.HostTypes["localhost"].Access.Limit("max_user_sessions", "localhost", "ann", "localhost", 100)); // CONF-303
        Assert.Equal(100, loaded.Accepted.HostTypes["localhost"].Access.Limit("max_user_offline_messages", "localhost", "ann", "localhost", 0));
        Assert.True(loaded.Accepted.HostTypes["localhost"].Access.IsAllowed("c2s", "localhost", "ann", "localhost", null));
    }

    // The page of administrators could ask nobody.
    [Theory]
    [InlineData("", false)]
    [InlineData("handlers.mongoose_graphql_handler = [{host = \"_\", path = \"/g\", schema_endpoint = \"user\"}]", false)]
    [InlineData("handlers.mongoose_graphql_handler = [{host = \"_\", path = \"/g\", schema_endpoint = \"domain_admin\"}]", true)]
    public void The_page_for_administrators_needs_their_GraphQL_on_its_listener(string graphQL, bool isFine)
    {
        var loaded = Loading.With($"[[listen.http]]\nport = 5280\nhandlers.webadmin = [{{host = \"_\", path = \"/admin\"}}]\n{graphQL}\n[auth.internal]\n");
        Assert.Equal(isFine, !loaded.Said.Contains("needs a mongoose_graphql_handler", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_printed_as_default_is_what_the_server_starts_with()
    {
        using var output = new StringWriter();
        Assert.Equal(0, ConfigCommand.Default(output));
        Assert.Equal(ConfigurationSource.BuiltIn().Utf8.ToArray(), System.Text.Encoding.UTF8.GetBytes(output.ToString()));
    }

    [Fact]
    public void On_a_full_file_of_the_reference_every_missing_capability_is_named()
    {
        using var output = new StringWriter();
        Assert.Equal(1, ConfigCommand.Check([Fixture("mongooseim-full.toml")], ModulesHere.Options, output));
        var said = output.ToString();
        Assert.DoesNotContain("Mistakes:", said, StringComparison.Ordinal);
        Assert.Contains(ConfigCommand.CouldNotRead, said, StringComparison.Ordinal); // CONF-020

        // Each line of the fixture that a "# missing" or "# no effect" comment ends is found there, and no other.
        var lines = File.ReadAllLines(Fixture("mongooseim-full.toml"));
        Assert.Equal(Marked(lines, "# missing"), Found(said, "Not available"));
        Assert.Equal(Marked(lines, "# no effect"), Found(said, "Without effect"));
    }

    [Fact]
    public void The_full_file_loads_when_what_is_missing_may_be_left_out()
    {
        using var output = new StringWriter();
        Assert.Equal(0, ConfigCommand.Check(["--allow-missing", Fixture("mongooseim-full.toml")], ModulesHere.Options, output));
        Assert.EndsWith("mongooseim-full.toml: fine\n", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere.toml", "cannot be read")]
    [InlineData("mongooseim.cfg", "the name of a configuration file ends in .toml")] // CONF-001
    public void A_file_that_cannot_be_read_is_said(string file, string said)
    {
        using var output = new StringWriter();
        Assert.Equal(1, ConfigCommand.Check([file], ModulesHere.Options, output));
        Assert.Contains(said, output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--alow-missing")]
    [InlineData("a.toml", "b.toml")]
    public void Wrong_arguments_get_the_usage(params string[] arguments)
    {
        using var output = new StringWriter();
        Assert.Equal(2, ConfigCommand.Check(arguments, ModulesHere.Options, output));
        Assert.StartsWith("usage: meerkat config check", output.ToString(), StringComparison.Ordinal);
    }

    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Configuration", name);

    private static int[] Marked(string[] lines, string mark) => [.. lines.Index().Where(l => l.Item.EndsWith(mark, StringComparison.Ordinal)).Select(l => l.Index + 1)];

    private static int[] Found(string said, string title)
    {
        var section = said.Split('\n').SkipWhile(l => !l.StartsWith(title, StringComparison.Ordinal)).Skip(1).TakeWhile(l => l.StartsWith("  ", StringComparison.Ordinal));
        return [.. section.Select(l => int.Parse(l.Split(".toml:")[1].Split(':')[0]))];
    }

    [Fact] // CONF-018, CONF-019: what a program reads has the reference's fields, and no secret
    public void Findings_are_entries_of_the_structured_log()
    {
        var loaded = Loading.Of("[general]\n  default_server_domain = \"localhost\"\n  hosts = [\"localhost\"]\n  loglevel = \"loud\"\n  nonsense = 1\n[[listen.c2s]]\n  port = 1\n  tls.password = 7\n");
        Assert.Null(loaded.Result);
        var log = new FieldsLog();
        ConfigurationLog.Write(log, loaded.Errors.Errors);
        Assert.All(log.Entries, entry => Assert.Equal("toml_processing_failed", entry["what"]));
        var level = Assert.Single(log.Entries, entry => (string?)entry["toml_path"] == "general.loglevel");
        Assert.Equal(("TOML configuration error: Invalid node value", "loud", "validate_enum_failed"), ((string?)level["text"], (string?)level["toml_value"], (string?)level["reason"]));
        var unknown = Assert.Single(log.Entries, entry => (string?)entry["toml_path"] == "general.nonsense");
        Assert.Equal(("TOML configuration error: List or section has invalid key-value pairs", "unexpected_key"), ((string?)unknown["text"], (string?)unknown["reason"]));
        Assert.Null(Assert.Single(log.Entries, entry => (string?)entry["toml_path"] == "listen.c2s.tls.password")["toml_value"]);
        log.Entries.Clear();
        ConfigurationLog.Write(log, Loading.Of("= 1").Errors.Errors);
        Assert.All(log.Entries, entry => Assert.Equal("toml_parsing_failed", entry["what"]));
        Assert.NotEmpty(log.Entries);
    }

    private sealed class FieldsLog : ILogger
    {
        public List<Dictionary<string, object?>> Entries { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Assert.Equal(LogLevel.Error, logLevel);
            Entries.Add(((IReadOnlyList<KeyValuePair<string, object?>>)(object)state!).ToDictionary());
        }
    }
}
