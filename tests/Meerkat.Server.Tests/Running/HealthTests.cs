using System.Net;
using System.Text.RegularExpressions;
using Meerkat.Server.Running;
using Meerkat.Server.Tests.Configuration;
using Meerkat.Testing.Databases;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Meerkat.Server.Tests.Running;

/// <summary>Whether a server lives and is ready (HTTP, section 9).</summary>
public sealed class HealthTests
{
    private const string Toml = """
        [[listen.http]]
        port = 0
        ip_address = "127.0.0.1"
        handlers.health = [{host = "_", path = "/health"}]
        """;

    [Theory]
    [InlineData("GET", "/live", 200, "live")]
    [InlineData("GET", "/ready", 200, "ready")]
    [InlineData("HEAD", "/ready", 200, "")]
    [InlineData("POST", "/ready", 405, "")]
    [InlineData("GET", "/else", 404, "live and ready are here")]
    public async Task Everybody_may_ask_whether_a_server_lives_and_is_ready(string method, string path, int status, string text)
    {
        await RunAsync(Toml + "\n[auth.internal]", async health =>
        {
            using var http = new HttpClient();
            using var request = new HttpRequestMessage(new HttpMethod(method), health + path);
            using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal((status, text, "no-store"), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), answer.Headers.CacheControl?.ToString()));
        });
    }

    // OPS-211: while its database is away a server lives, and gets no new clients; afterwards it is ready again without anybody's doing
    [Fact]
    public async Task A_server_without_its_database_is_not_ready()
    {
        Assert.SkipWhen(PostgresProcess.Missing is not null, PostgresProcess.Missing ?? "");
        await using var postgres = await PostgresProcess.CreateAsync();
        var pool = $"""

            [auth.rdbms]
            [outgoing_pools.rdbms.default.connection]
              driver = "pgsql"
              host = "127.0.0.1"
              port = {postgres.Port}
              database = "postgres"
              username = "meerkat"
              password = "{PostgresProcess.Password}"
              query_timeout = 1000
              max_start_interval = 1
            """;
        await RunAsync(Toml + pool, async health =>
        {
            using var http = new HttpClient();
            Assert.Equal((HttpStatusCode.OK, "ready"), await AskAsync(http, $"{health}/ready"));
            await postgres.KillAsync();
            Assert.Equal("""{"failing":["database default"]}""", await UntilAsync(http, $"{health}/ready", HttpStatusCode.ServiceUnavailable));
            Assert.Equal((HttpStatusCode.OK, "live"), await AskAsync(http, $"{health}/live"));
            await postgres.StartAsync();
            Assert.Equal("ready", await UntilAsync(http, $"{health}/ready", HttpStatusCode.OK));
        });
    }

    private static async Task RunAsync(string toml, Func<Uri, Task> test)
    {
        var folder = Directory.CreateTempSubdirectory("meerkat-health-");
        try
        {
            await using var server = new MeerkatServer(Loading.With(toml).Accepted, new DataFolder(folder.FullName), TimeProvider.System, NullLoggerFactory.Instance);
            await server.StartAsync(TestContext.Current.CancellationToken);
            await test(new Uri(Regex.Match(server.Listening.Single(line => line.Contains("http", StringComparison.Ordinal)), @"http://\S+").Value));
            await server.StopAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> UntilAsync(HttpClient http, string address, HttpStatusCode status)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var (found, text) = await AskAsync(http, address);
            if (found == status)
            {
                return text;
            }

            await Task.Delay(50, patience.Token);
        }
    }

    private static async Task<(HttpStatusCode Status, string Text)> AskAsync(HttpClient http, string address)
    {
        using var answer = await http.GetAsync(address, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
