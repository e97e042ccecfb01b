using System.Net;
using System.Text.RegularExpressions;
using Meerkat.Server.Running;
using Meerkat.Server.Tests.Configuration;
using Meerkat.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Meerkat.Server.Tests.Telemetry;

/// <summary>A whole server with archives on SQLite, reached over TCP, whose accounts nobody else has.</summary>
internal sealed class TracedServer : IAsyncDisposable
{
    public const string Domain = "traced.example";

    private const string Toml = """
        general = {hosts = ["traced.example"], default_server_domain = "traced.example", registration_timeout = "infinity"}
        [[listen.c2s]]
        port = 0
        ip_address = "127.0.0.1"
        [[listen.http]]
        port = 0
        ip_address = "127.0.0.1"
        handlers.mongoose_prometheus_handler = [{host = "_", path = "/metrics"}]
        [auth.internal]
        [modules.mod_register]
        [modules.mod_roster]
        [modules.mod_presence]
        [modules.mod_offline]
        [modules.mod_private]
        [modules.mod_muc]
        [modules.mod_mam.pm]
        [instrumentation.prometheus]

        """;

    private readonly DirectoryInfo _folder;
    private readonly MeerkatServer _server;

    private TracedServer(DirectoryInfo folder, MeerkatServer server)
    {
        _folder = folder;
        _server = server;
    }

    public MeerkatServer Server => _server;

    public Uri Metrics => new(Regex.Match(_server.Listening[1], @"http://\S+").Value);

    public static async Task<TracedServer> StartAsync(string toml = "", ILoggerFactory? loggers = null)
    {
        var folder = Directory.CreateTempSubdirectory("meerkat-traces-");
        var server = new MeerkatServer(Loading.Of(Toml + toml).Accepted, new DataFolder(folder.FullName), TimeProvider.System, loggers ?? NullLoggerFactory.Instance);
        await server.StartAsync(Xunit.TestContext.Current.CancellationToken);
        return new TracedServer(folder, server);
    }

    /// <summary>A client of a new account, available.</summary>
    public async Task<TestClient> ConnectAsync(string name)
    {
        var clients = IPEndPoint.Parse(Regex.Match(_server.Listening[0], @"[\d.]+:\d+").Value);
        await using (var registering = await TestClient.ConnectAsync(clients, Domain))
        {
            await registering.OpenStreamAsync();
            await registering.SendAsync($"<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>{name}</username><password>secret</password></query></iq>");
            await registering.ExpectAsync("<iq type='result' id='r'/>");
        }

        var client = await TestClient.ConnectAsync(clients, Domain);
        await client.LogInAsync(name, Domain, "secret");
        await client.BindAsync("here");
        await client.SendAsync("<presence/>");
        await client.ExpectAsync($"<presence from='{name}@{Domain}/here'/>");
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync();
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
