using System.Diagnostics;
using System.Net;
using System.Reflection;
using System.Text;
using Meerkat.Testing;

namespace Meerkat.Hostile;

/// <summary>The server as a process of its own, on free loopback ports and with its data in a folder that goes away.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    public const string Domain = "localhost";
    public const string Password = "secret";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly StringBuilder _log = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("meerkat-hostile-").FullName;
    private TaskCompletionSource _ready = new();
    private Process _process = new();

    private ServerProcess()
    {
    }

    /// <summary>c2s with STARTTLS.</summary>
    public IPEndPoint StartTls { get; } = new(IPAddress.Loopback, FreePort.Next());

    /// <summary>c2s with STARTTLS required.</summary>
    public IPEndPoint StartTlsRequired { get; } = new(IPAddress.Loopback, FreePort.Next());

    /// <summary>c2s with direct TLS.</summary>
    public IPEndPoint DirectTls { get; } = new(IPAddress.Loopback, FreePort.Next());

    /// <summary>c2s behind a balancer.</summary>
    public IPEndPoint Proxied { get; } = new(IPAddress.Loopback, FreePort.Next());

    /// <summary>The data folder.</summary>
    public string DataFolder => Path.Combine(_folder, "data");

    /// <summary>The embedded database.</summary>
    public string Database => Path.Combine(DataFolder, "meerkat.sqlite");

    /// <summary>Number of the process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Localparts of accounts that an attack may use, and change.</summary>
    public IReadOnlyList<string> Accounts { get; } = ["a", "b", "c"];

    /// <summary>Localparts of two accounts that only well-behaved clients use.</summary>
    public IReadOnlyList<string> Bystanders { get; } = ["romeo", "juliet"];

    /// <summary>Modules that it has.</summary>
    public static IReadOnlyList<string> Modules { get; } =
    [
        "mod_adhoc", "mod_blocking", "mod_cache_users", "mod_caps", "mod_carboncopy", "mod_csi", "mod_disco", "mod_last", "mod_offline", "mod_ping", "mod_presence", "mod_privacy", "mod_private", "mod_register", "mod_roster",
        "mod_sic", "mod_stream_management", "mod_time", "mod_vcard", "mod_version",
    ];

    /// <summary>Whether it still runs.</summary>
    public bool IsRunning => !_process.HasExited;

    /// <summary>Resident memory in bytes.</summary>
    public long ResidentBytes => Field("VmRSS:") * 1024;

    /// <summary>Sockets that the process has open.</summary>
    public int Sockets => Directory.EnumerateFiles($"/proc/{_process.Id}/fd")
        .Count(file => new FileInfo(file).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) is true);

    /// <summary>What it logged: lines of level error and above, and what belongs to them.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_log)
            {
                return [.. _log.ToString().Split('\n').Where(line => line.Contains(" fail: ", StringComparison.Ordinal) || line.Contains(" crit: ", StringComparison.Ordinal)
                    || line.Contains("Unhandled exception", StringComparison.Ordinal) || line.Contains("Exception:", StringComparison.Ordinal))];
            }
        }
    }

    /// <summary>Starts a server with its accounts.</summary>
    /// <param name="configure">Changes the configuration; null leaves it as it is.</param>
    public static async Task<ServerProcess> StartAsync(Func<string, string>? configure = null)
    {
        var server = new ServerProcess();
        try
        {
            await File.WriteAllTextAsync(Path.Combine(server._folder, "meerkat.toml"), configure?.Invoke(server.Configuration()) ?? server.Configuration());
            await server.RunAsync();
            foreach (var name in server.Accounts.Concat(server.Bystanders))
            {
                await server.RegisterAsync(name);
            }

            return server;
        }
        catch (Exception failure) when (failure is TimeoutException or InvalidOperationException)
        {
            var log = server._log.ToString();
            await server.DisposeAsync();
            throw new InvalidOperationException($"The server did not start: {failure.Message}\n{log}", failure);
        }
    }

    /// <summary>Ends the process by SIGKILL, as a crash does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Waits until the server has said something on its output.</summary>
    public async Task WaitForAsync(string text)
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (true)
        {
            lock (_log)
            {
                if (_log.ToString().Contains(text, StringComparison.Ordinal))
                {
                    return;
                }
            }

            await Task.Delay(20, patience.Token);
        }
    }

    /// <summary>Waits until the process ends by itself.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitForExitAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>Starts the server again, with the data that it left.</summary>
    public async Task RestartAsync()
    {
        _process.Dispose();
        _process = new Process();
        await RunAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_process.HasExited)
            {
                await KillAsync();
            }
        }
        catch (InvalidOperationException)
        {
            // It was never started.
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The program <c>meerkat</c>.</summary>
    public static string Program() =>
        Path.Combine(typeof(ServerProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "ServerFolder").Value!, "meerkat");

    private ProcessStartInfo Start()
    {
        var start = new ProcessStartInfo(Program()) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_TieredPGO"] = "0"; // it is started often and does not run long
        foreach (var argument in (string[])["run", "--config", Path.Combine(_folder, "meerkat.toml"), "--data", Path.Combine(_folder, "data"), "--allow-missing"])
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    // In-band (XEP-0077): a command of its own for each would take as long as all the rest.
    private async Task RegisterAsync(string name)
    {
        await using var client = await TestClient.ConnectAsync(StartTls, Domain);
        await client.OpenStreamAsync();
        await client.SendAsync($"<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>{name}</username><password>{Password}</password></query></iq>");
        await client.ExpectAsync("<iq type='result' id='r'/>");
    }

    private async Task RunAsync()
    {
        var ready = _ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.StartInfo = Start();
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("it ended before it was ready"));
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await ready.Task.WaitAsync(s_patience);
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_log)
        {
            _log.Append(line).Append('\n');
        }

        if (line.StartsWith("Meerkat is ready", StringComparison.Ordinal))
        {
            _ready.TrySetResult();
        }
    }

    private long Field(string name) =>
        long.Parse(File.ReadLines($"/proc/{_process.Id}/status").Single(line => line.StartsWith(name, StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1]);

    private string Configuration() => $"""
        [general]
          hosts = ["{Domain}"]
          default_server_domain = "{Domain}"
          registration_timeout = "infinity"
          loglevel = "warning"

        {Listener(StartTls, "starttls")}
        {Listener(StartTlsRequired, "starttls_required")}
        {Listener(DirectTls, "tls")}
        {Listener(Proxied, "starttls")}
          proxy_protocol = true

        [auth]
          password.scram_iterations = 1000
          [auth.internal]

        {string.Concat(Modules.Select(module => $"[modules.{module}]\n"))}
        [modules.mod_mam]
          max_result_limit = 1000
          [modules.mod_mam.pm]
        """;

    private static string Listener(IPEndPoint endPoint, string mode) => $"""

        [[listen.c2s]]
          port = {endPoint.Port}
          ip_address = "127.0.0.1"
          max_stanza_size = 65_536
          state_timeout = 10_000
          tls.mode = "{mode}"
          tls.verify_mode = "none"
        """;
}
