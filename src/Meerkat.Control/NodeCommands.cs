using System.Text.Json;

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

    /// <summary>Tells the server something, and says what it answers.</summary>
    /// <param name="client">The server.</param>
    /// <param name="what">A mutation of the category <c>server</c>.</param>
    /// <param name="node">Which node it is about; null where it takes none.</param>
    public static async Task<int> TellAsync(ControlClient client, string what, string? node = null)
    {
        using var answer = node is null
            ? await client.ExecuteAsync($"mutation {{ server {{ {what} }} }}")
            : await client.ExecuteAsync($"mutation ($node: String!) {{ server {{ {what}(node: $node) }} }}", JsonSerializer.Serialize(new { node }));
        if (answer.RootElement.TryGetProperty("errors", out var errors))
        {
            Console.Error.WriteLine(errors[0].GetProperty("message").GetString());
            return ExitCode.Failure;
        }

        Console.WriteLine(answer.RootElement.GetProperty("data").GetProperty("server").GetProperty(what).GetString());
        return ExitCode.Success;
    }

    /// <summary>Joins or leaves a cluster, or removes a node of it; asks before, because connections end by it (OPS-019, OPS-050).</summary>
    /// <param name="client">The server.</param>
    /// <param name="words">The command, its node where it takes one, and <c>--force</c> or <c>-f</c> for no question.</param>
    public static async Task<int> ClusterAsync(ControlClient client, IReadOnlyList<string> words)
    {
        var isForced = words.Any(word => word is "--force" or "-f");
        var (what, node) = words.Where(word => word is not ("--force" or "-f")).ToList() switch
        {
            ["join_cluster", var name] => ("joinCluster", name),
            ["leave_cluster"] => ("leaveCluster", (string?)null),
            ["remove_from_cluster", var name] => ("removeFromCluster", name),
            ["leave_cluster", ..] => throw new CommandLineException("'leave_cluster' takes no argument", Help.General),
            [var command, ..] => throw new CommandLineException($"'{command}' takes the name of a node", Help.General),
            _ => throw new CommandLineException("There is no command", Help.General),
        };
        if (!isForced)
        {
            Console.Error.Write($"The clients of {node ?? "this node"} are disconnected. Do you want to continue? (yes/no) ");
            if (Console.ReadLine()?.Trim() is not "yes")
            {
                return ExitCode.Failure;
            }
        }

        return await TellAsync(client, what, node);
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
