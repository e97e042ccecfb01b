using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Meerkat.Hostile;
using Meerkat.Testing;

namespace Meerkat.Server.Tests;

/// <summary>Nodes, each a process of its own, with the example's configuration on free ports and one data folder: on loopback, or each in a network of its own.</summary>
/// <param name="network">The networks, one for each node; null for loopback.</param>
/// <param name="apart">Whether each has a data folder of its own, as on a machine of its own.</param>
internal sealed class ClusterProcess(NodeNetwork? network = null, bool apart = false) : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private readonly string _folder = Directory.CreateTempSubdirectory("meerkat-cluster-").FullName;
    private readonly Dictionary<string, NodeProcess> _nodes = [];

    public string DataFolder => Path.Combine(_folder, "data");

    /// <summary>Writes the configuration of a node: the example's, on ports that are free.</summary>
    /// <param name="number">1, 2 or 3.</param>
    /// <param name="change">Changes it; null leaves it as it is.</param>
    public NodeProcess Node(int number, Func<string, string>? change = null)
    {
        var name = $"node{number}";
        var toml = File.ReadAllText(Path.Combine(Root(), "docs", "examples", "cluster", $"{name}.toml"));
        var clients = FreePort.Next();
        toml = Regex.Replace(toml, @"(\[cluster\][^\[]*port = )\d+", $"${{1}}{FreePort.Next()}\n  failure_time = 6");
        toml = Regex.Replace(toml, @"(\[\[listen\.c2s\]\]\s*port = )\d+", $"${{1}}{clients}");
        var address = network?.Address(number - 1) ?? IPAddress.Loopback;
        toml = Regex.Replace(toml, @"(?m)^(  (?:ip_)?address = )""127\.0\.0\.1""", $"$1\"{address}\"");
        toml = network is null ? toml : toml.Replace("127.0.0.0/8", NodeNetwork.Range, StringComparison.Ordinal);
        toml = apart
            ? toml.Replace("secret_file = \"cluster.secret\"", "secret = \"copied to each machine\"", StringComparison.Ordinal)
            : toml.Replace("[cluster]", "[cluster]\n  one_machine = true", StringComparison.Ordinal);
        var file = Path.Combine(_folder, $"{name}-{_nodes.Count}.toml");
        File.WriteAllText(file, change?.Invoke(toml) ?? toml);
        return _nodes[file] = new NodeProcess(name, file, apart ? Path.Combine(DataFolder, name) : DataFolder, apart ? "meerkat.sock" : $"node-{name}.sock", new IPEndPoint(address, clients), network?.On(number - 1) ?? []);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Values)
        {
            await node.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Meerkat.slnx")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }

    /// <summary>One node.</summary>
    internal sealed class NodeProcess(string name, string file, string data, string control, IPEndPoint clients, IReadOnlyList<string> on) : IAsyncDisposable
    {
        private readonly StringBuilder _log = new();
        private Process? _process;

        public string Name => name;

        public IPEndPoint Clients => clients;

        public string Log
        {
            get
            {
                lock (_log)
                {
                    return _log.ToString();
                }
            }
        }

        /// <summary>Starts it, and waits until it is ready.</summary>
        public async Task StartAsync()
        {
            var began = Said;
            Run();
            await SaysAsync("Meerkat is ready", began);
        }

        /// <summary>Starts it, and waits until it has ended by itself.</summary>
        public async Task<int> EndsAsync()
        {
            Run();
            return await WaitForExitAsync();
        }

        public async Task<int> WaitForExitAsync()
        {
            using var patience = new CancellationTokenSource(s_patience);
            await _process!.WaitForExitAsync(patience.Token);
            return _process.ExitCode;
        }

        /// <summary>How much it has said.</summary>
        public int Said => Log.Length;

        /// <summary>Waits until it has said something.</summary>
        /// <param name="text">What.</param>
        /// <param name="since">Behind this (<see cref="Said"/>).</param>
        public async Task SaysAsync(string text, int since = 0)
        {
            using var patience = new CancellationTokenSource(s_patience);
            while (Log.IndexOf(text, since, StringComparison.Ordinal) < 0)
            {
                if (_process!.HasExited)
                {
                    throw new InvalidOperationException($"{name} ended:\n{Log}");
                }

                try
                {
                    await Task.Delay(50, patience.Token);
                }
                catch (OperationCanceledException)
                {
                    throw new TimeoutException($"{name} has not said \"{text}\":\n{Log}");
                }
            }
        }

        /// <summary>Sends a signal: <c>KILL</c>, <c>TERM</c>, <c>STOP</c>, <c>CONT</c>.</summary>
        public void Signal(string signal)
        {
            using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {_process!.Id}"]);
            kill.WaitForExit();
        }

        /// <summary>What <c>cluster list</c> says on it: names with their states.</summary>
        public async Task<IEnumerable<string>> StatesAsync()
        {
            using var answer = JsonDocument.Parse(await AskAsync("{\"query\": \"{ cluster { list { name state } } }\"}"));
            return [.. answer.RootElement.GetProperty("data").GetProperty("cluster").GetProperty("list").EnumerateArray().Select(entry => $"{entry.GetProperty("name")} {entry.GetProperty("state")}")];
        }

        /// <summary>Asks its control socket.</summary>
        public async Task<string> AskAsync(string request)
        {
            using var handler = new SocketsHttpHandler
            {
                ConnectCallback = async (_, ct) =>
                {
                    var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
                    await socket.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(data, "control", control)), ct);
                    return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
                },
            };
            using var client = new HttpClient(handler) { BaseAddress = new Uri("http://localhost/") };
            using var content = new StringContent(request, Encoding.UTF8, "application/json");
            using var answer = await client.PostAsync(new Uri("graphql", UriKind.Relative), content);
            return await answer.Content.ReadAsStringAsync();
        }

        public async ValueTask DisposeAsync()
        {
            if (_process is { HasExited: false })
            {
                _process.Kill();
                await _process.WaitForExitAsync();
            }

            _process?.Dispose();
        }

        private void Run()
        {
            _process?.Dispose();
            string[] command = [.. on, ServerProcess.Program(), "run", "--config", file];
            var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["MEERKAT_DATA"] = data;
            start.Environment["DOTNET_TieredPGO"] = "0";
            _process = new Process { StartInfo = start };
            _process.OutputDataReceived += (_, line) => Keep(line.Data);
            _process.ErrorDataReceived += (_, line) => Keep(line.Data);
            _process.Start();
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }

        private void Keep(string? line)
        {
            if (line is not null)
            {
                lock (_log)
                {
                    _log.Append(line).Append('\n');
                }
            }
        }
    }
}
