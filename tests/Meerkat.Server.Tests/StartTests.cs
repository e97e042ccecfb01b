using System.Net;
using System.Net.Sockets;
using Meerkat.Server.Commands;
using Meerkat.Server.Running;
using Meerkat.Server.Tests.Configuration;
using Meerkat.Testing.Databases;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>What an operator is told when the server cannot start: a sentence with the address, not where in the program it was found.</summary>
public sealed class StartTests
{
    private const string C2s = "[[listen.c2s]]\nport = {0}\nip_address = \"{1}\"\n";
    private const string Http = "[[listen.http]]\nport = {0}\nip_address = \"{1}\"\nhandlers.health = [{{host = \"_\", path = \"/health\"}}]\n";

    [Theory]
    [InlineData(C2s)]
    [InlineData(Http)]
    public async Task A_port_that_is_taken_is_named(string listener)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = (IPEndPoint)other.LocalEndpoint;
        Assert.Equal($"cannot listen on {taken}: Address already in use", await RefusalAsync(string.Format(listener, taken.Port, taken.Address)));
    }

    [Theory]
    [InlineData(C2s)]
    [InlineData(Http)]
    public async Task An_address_that_this_machine_does_not_have_is_named(string listener) =>
        Assert.Equal("cannot listen on 203.0.113.7:4711: Cannot assign requested address", await RefusalAsync(string.Format(listener, 4711, "203.0.113.7")));

    [Fact] // the database of another version, say, would be migrated under the server that runs
    public async Task A_data_folder_that_is_in_use_is_refused_before_anything_is_touched()
    {
        var folder = new DataFolder(Directory.CreateTempSubdirectory("meerkat-start-").FullName);
        try
        {
            using var other = new TcpListener(IPAddress.Loopback, 0);
            other.Start();
            var listener = C2s.Replace("{0}", $"{((IPEndPoint)other.LocalEndpoint).Port}", StringComparison.Ordinal).Replace("{1}", "127.0.0.1", StringComparison.Ordinal); // which it would name, had it come so far
            using (folder.Hold())
            {
                Assert.True(folder.IsHeld());
                await using var second = Server(listener, folder);
                var refused = await Assert.ThrowsAsync<StartException>(() => second.StartAsync(TestContext.Current.CancellationToken));
                Assert.Equal($"the data folder {folder.Path} is in use: a server runs on it, or an import", refused.Message);
                Assert.Equal([folder.Lock], Directory.GetFileSystemEntries(folder.Path));
            }

            Assert.False(folder.IsHeld());
            await using (var first = Server("[auth.internal]\n", folder))
            {
                await first.StartAsync(TestContext.Current.CancellationToken);
                Assert.True(folder.IsHeld());
            }

            Assert.False(folder.IsHeld());
        }
        finally
        {
            Directory.Delete(folder.Path, recursive: true);
        }
    }

    [Fact] // CONF-135: nor does the command about databases wait for a minute
    public async Task A_database_that_does_not_take_the_password_is_named()
    {
        Assert.SkipWhen(PostgresProcess.Missing is not null, PostgresProcess.Missing ?? "");
        await using var postgres = await PostgresProcess.CreateAsync();
        var toml = $"""
            [general]
              hosts = ["a.example"]
              default_server_domain = "a.example"
            [auth.rdbms]
            [outgoing_pools.rdbms.default.connection]
              driver = "pgsql"
              host = "127.0.0.1"
              port = {postgres.Port}
              database = "postgres"
              username = "meerkat"
              password = "wrong"
            """;
        Assert.Equal(
            $"the database default cannot be used: PostgreSQL at 127.0.0.1:{postgres.Port} (pool default) does not let \"meerkat\" in with this password, or has no such user: username and password must be those of a user that it knows.",
            await RefusalAsync(Loading.Of(toml)));
        var folder = Directory.CreateTempSubdirectory("meerkat-start-");
        try
        {
            var file = Path.Combine(folder.FullName, "meerkat.toml");
            await File.WriteAllTextAsync(file, toml, TestContext.Current.CancellationToken);
            foreach (var command in (string[])["status", "migrate"])
            {
                Assert.Equal(1, await DatabaseCommands.Create().Parse([command, "--config", file, "--data", folder.FullName]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact] // CONF-145: it would be waited for in vain
    public async Task A_Redis_that_does_not_take_the_password_is_named()
    {
        Assert.SkipWhen(RedisProcess.Missing is not null, RedisProcess.Missing ?? "");
        await using var redis = await RedisProcess.CreateAsync();
        Assert.StartsWith(
            $"Redis at 127.0.0.1:{redis.Port} (pool default) does not let \"default\" in with this password",
            await RefusalAsync(Loading.Of($"[general]\n  hosts = [\"a.example\"]\n  default_server_domain = \"a.example\"\n  sm_backend = \"redis\"\n[outgoing_pools.redis.default.connection]\n  port = {redis.Port}\n  password = \"wrong\"\n")));
    }

    private static MeerkatServer Server(string toml, DataFolder folder) => Server(Loading.With(toml), folder);

    private static MeerkatServer Server(Loading configuration, DataFolder folder) => new(configuration.Accepted, folder, TimeProvider.System, NullLoggerFactory.Instance);

    private static Task<string> RefusalAsync(string listener) => RefusalAsync(Loading.With(listener));

    private static async Task<string> RefusalAsync(Loading configuration)
    {
        var folder = Directory.CreateTempSubdirectory("meerkat-start-");
        try
        {
            await using var server = Server(configuration, new DataFolder(folder.FullName));
            return (await Assert.ThrowsAsync<StartException>(() => server.StartAsync(TestContext.Current.CancellationToken))).Message;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
