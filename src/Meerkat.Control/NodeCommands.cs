namespace Meerkat.Control;

/// <summary>The commands that belong to no category (CLI-09, CLI-10).</summary>
internal static class NodeCommands
{
    // OPS-047, OPS-048
    private static readonly TimeSpan s_startPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_stopPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);

    /// <summary>Says what process the server is.</summary>
    public static async Task<int> StatusAsync(ControlClient client)
    {
        try
        {
            using var answer = await client.StatusAsync();
            var status = answer.RootElement;
            var uptime = TimeSpan.FromSeconds(status.GetProperty("uptimeSeconds").GetInt64());
            Console.WriteLine($"Meerkat node {status.GetProperty("node").GetString()}:");
            Console.WriteLine($"  operating system pid: {status.GetProperty("pid").GetInt64()}");
            Console.WriteLine("  status: started");
            Console.WriteLine($"  version: {status.GetProperty("version").GetString()} (on {status.GetProperty("runtime").GetString()})");
            Console.WriteLine($"  uptime: {uptime.Days} days {uptime:hh\\:mm\\:ss}");
            return ExitCode.Success;
        }
        catch (UnreachableException absent)
        {
            Console.Error.WriteLine(absent.Message);
            return ExitCode.Failure; // CLI-09: 1, not 3
        }
    }

    /// <summary>Stops or restarts the server.</summary>
    public static async Task<int> TellAsync(ControlClient client, string what)
    {
        using var answer = await client.ExecuteAsync($"mutation {{ server {{ {what} }} }}");
        Console.WriteLine(answer.RootElement.GetProperty("data").GetProperty("server").GetProperty(what).GetString());
        return ExitCode.Success;
    }

    /// <summary>Waits until the server answers, or no longer does.</summary>
    public static async Task<int> WaitAsync(ControlClient client, bool running)
    {
        var patience = running ? s_startPatience : s_stopPatience;
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < patience)
        {
            if (await AnswersAsync(client) == running)
            {
                return ExitCode.Success;
            }

            await Task.Delay(s_interval);
        }

        Console.Error.WriteLine(running ? $"The server has not started within {patience.TotalSeconds} seconds" : $"The server has not stopped within {patience.TotalSeconds} seconds");
        return ExitCode.Failure;
    }

    private static async Task<bool> AnswersAsync(ControlClient client)
    {
        try
        {
            using var answer = await client.StatusAsync();
            return true;
        }
        catch (UnreachableException)
        {
            return false;
        }
    }
}
