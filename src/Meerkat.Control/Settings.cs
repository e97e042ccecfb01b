namespace Meerkat.Control;

/// <summary>What stands before the category: which server, and how results are shown. Immutable.</summary>
/// <param name="Socket">The server's socket.</param>
/// <param name="Table">Whether results are shown as tables, for people.</param>
/// <param name="Rest">What follows: category, command, arguments.</param>
public sealed record Settings(string Socket, bool Table, IReadOnlyList<string> Rest)
{
    /// <summary>The environment variable that names the data folder.</summary>
    public const string DataVariable = "MEERKAT_DATA";

    /// <summary>The environment variable that names the socket.</summary>
    public const string SocketVariable = "MEERKAT_SOCKET";

    /// <summary>The environment variable that names the node of a cluster, where several share a data folder.</summary>
    public const string NodeVariable = "MEERKAT_NODE";

    private const string NodePrefix = "node-";
    private const string SocketSuffix = ".sock";

    /// <summary>Reads the options before the category.</summary>
    /// <exception cref="CommandLineException">An option has no value, or there is no such option.</exception>
    public static Settings Read(IReadOnlyList<string> arguments)
    {
        string? socket = null;
        string? data = null;
        string? node = null;
        var table = false;
        var at = 0;
        for (; at < arguments.Count && arguments[at].StartsWith('-'); at++)
        {
            switch (arguments[at])
            {
                case "--table":
                    table = true;
                    break;
                case "--data" or "-d" when at + 1 < arguments.Count:
                    data = arguments[++at];
                    break;
                case "--socket" when at + 1 < arguments.Count:
                    socket = arguments[++at];
                    break;
                case "--node" or "-n" when at + 1 < arguments.Count:
                    node = arguments[++at];
                    break;
                case "--help" or "-h" or "--version":
                    return new Settings("", table, [.. arguments.Skip(at)]);
                case "--data" or "-d" or "--socket" or "--node" or "-n":
                    throw new CommandLineException($"{arguments[at]} wants a value", Help.General);
                default:
                    throw new CommandLineException($"Unknown option '{arguments[at]}'", Help.General);
            }
        }

        // What is typed goes before what the environment says, and a socket before a folder.
        socket ??= data is null && node is null ? Environment.GetEnvironmentVariable(SocketVariable) : null;
        socket ??= SocketIn(Path.Combine(data ?? Environment.GetEnvironmentVariable(DataVariable) ?? "data", "control"), node ?? Environment.GetEnvironmentVariable(NodeVariable));
        return new Settings(Path.GetFullPath(socket), table, [.. arguments.Skip(at)]);
    }

    // The server's, or that of the node that is named; of the only node where none is.
    private static string SocketIn(string folder, string? node)
    {
        var server = Path.Combine(folder, "meerkat.sock");
        if (node is { Length: > 0 })
        {
            return Path.Combine(folder, $"{NodePrefix}{node}{SocketSuffix}");
        }

        string[] nodes = File.Exists(server) || !Directory.Exists(folder) ? [] : Directory.GetFiles(folder, $"{NodePrefix}*{SocketSuffix}");
        return nodes switch
        {
            [] => server,
            [var only] => only,
            _ => throw new CommandLineException($"Several nodes share this data folder: say which one with --node ({string.Join(", ", nodes.Select(NodeOf).Order(StringComparer.Ordinal))})", null),
        };
    }

    private static string NodeOf(string socket) => Path.GetFileName(socket)[NodePrefix.Length..^SocketSuffix.Length];
}
