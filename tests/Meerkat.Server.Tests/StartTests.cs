using System.Net;
using System.Net.Sockets;
using Meerkat.Server.Running;
using Meerkat.Server.Tests.Configuration;
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

    private static async Task<string> RefusalAsync(string listener)
    {
        var folder = Directory.CreateTempSubdirectory("meerkat-start-");
        try
        {
            await using var server = new MeerkatServer(Loading.With(listener).Accepted, new DataFolder(folder.FullName), TimeProvider.System, NullLoggerFactory.Instance);
            return (await Assert.ThrowsAsync<StartException>(() => server.StartAsync(TestContext.Current.CancellationToken))).Message;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
