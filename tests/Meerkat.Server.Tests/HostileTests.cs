using Meerkat.Hostile;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>Bounded runs of <c>fuzz/Meerkat.Hostile</c>; by hand it runs for longer.</summary>
[Collection("Server processes under load")] // one at a time
public sealed class HostileTests
{
    [Fact]
    public async Task Hostile_streams_in_memory_leave_the_server_serving()
    {
        var report = await MemoryAttack.RunAsync(Seed(), 20_000, TimeSpan.FromSeconds(60));
        TestContext.Current.TestOutputHelper?.WriteLine(report.ToString());
        Assert.True(report.Violations.Count == 0, report.ToString());
    }

    [Fact]
    public async Task Hostile_streams_over_tcp_and_tls_leave_the_server_serving()
    {
        await using var server = await ServerProcess.StartAsync();
        var report = await SocketAttack.RunAsync(server, Seed(), 500, TimeSpan.FromSeconds(60));
        TestContext.Current.TestOutputHelper?.WriteLine(report.ToString());
        Assert.True(report.Violations.Count == 0, report.ToString());
    }

    // A fresh one every day, so that runs add up and a failure can be repeated; it is in the report.
    private static int Seed() => (int)(DateTime.UtcNow - DateTime.UnixEpoch).TotalDays;
}
