using System.Net.Sockets;
using Meerkat.Hostile;
using Xunit;

namespace Meerkat.Admin.Tests.Control;

/// <summary>What ends a server (GQA-SERVER-09, 10; CLI-09, CLI-10).</summary>
public sealed class StopTests
{
    [Fact]
    public async Task A_server_is_restarted_survives_a_kill_and_is_stopped()
    {
        await using var server = await ServerProcess.StartAsync();
        await TooManyAsync(server);
        var restart = await ControlProgram.RunAsync(server.DataFolder, "server", "restart");
        Assert.Equal(0, restart.ExitCode);
        await server.WaitForAsync("Meerkat is restarting");
        Assert.Equal(0, (await ControlProgram.RunAsync(server.DataFolder, "started")).ExitCode);
        Assert.True(server.IsRunning);

        // The socket that a killed server leaves is in nobody's way.
        await server.KillAsync();
        Assert.Equal(3, (await ControlProgram.RunAsync(server.DataFolder, "server", "status")).ExitCode);
        await server.RestartAsync();
        Assert.Equal(0, (await ControlProgram.RunAsync(server.DataFolder, "status")).ExitCode);

        var stop = await ControlProgram.RunAsync(server.DataFolder, "stop");
        Assert.Equal(0, stop.ExitCode);
        Assert.Equal(0, (await ControlProgram.RunAsync(server.DataFolder, "stopped")).ExitCode);
        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.False(File.Exists(Path.Combine(server.DataFolder, "control", "meerkat.sock")));
    }

    // OPS-059: a server that has too many calls says so, and is not called absent
    private static async Task TooManyAsync(ServerProcess server)
    {
        var calls = new List<Socket>();
        try
        {
            for (var i = 0; i < 100; i++)
            {
                calls.Add(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified));
                await calls[^1].ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(server.DataFolder, "control", "meerkat.sock")), TestContext.Current.CancellationToken);
            }

            var refused = await ControlProgram.RunAsync(server.DataFolder, "account", "countUsers", "--domain", "localhost");
            Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
            Assert.Contains("ran out of connections", refused.Errors);
        }
        finally
        {
            calls.ForEach(call => call.Dispose());
        }

        // The server learns a moment later that they are gone.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await ControlProgram.RunAsync(server.DataFolder, "status")).ExitCode != 0)
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }
}
