using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Meerkat.Testing;

namespace Meerkat.Interop.Tests;

/// <summary>Runs programs of other servers.</summary>
internal static class Shell
{
    /// <summary>Runs a program to its end, which must be a good one unless it may fail.</summary>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, bool mayFail = false)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(90));
        var said = await output + await errors;
        Assert.True(mayFail || process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {said}");
        return said;
    }
}

/// <summary>ejabberd as Debian has it, with its data in a folder that goes away. It listens to nobody but its control program.</summary>
internal sealed class Ejabberd : IAsyncDisposable
{
    private readonly string _node = $"meerkat{Environment.ProcessId}@localhost";

    private Ejabberd()
    {
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("meerkat-ejabberd-").FullName;

    public static async Task<Ejabberd> StartAsync()
    {
        Programs.NeedRoot();
        Programs.Need("ejabberdctl", "ejabberd");
        var server = new Ejabberd();
        foreach (var folder in new[] { "conf", "spool", "logs", "out" })
        {
            Directory.CreateDirectory(Path.Combine(server.Folder, folder));
        }

        await File.WriteAllTextAsync(
            Path.Combine(server.Folder, "conf", "ejabberd.yml"),
            """
            hosts: ["localhost"]
            loglevel: warning
            auth_method: internal
            auth_password_format: scram
            listen: []
            modules:
              mod_roster: {}
              mod_vcard: {}
              mod_private: {}
              mod_offline: {}
              mod_admin_extra: {}
            """);
        await File.WriteAllTextAsync(Path.Combine(server.Folder, "conf", "ejabberdctl.cfg"), "");
        File.Copy("/etc/ejabberd/inetrc", Path.Combine(server.Folder, "conf", "inetrc"));
        await server.OwnAsync();
        await server.ControlAsync("start");
        await server.ControlAsync("started");
        return server;
    }

    /// <summary>Gives the folder to the account that ejabberd runs under.</summary>
    public Task OwnAsync() => Shell.RunAsync("chown", ["-R", "ejabberd", Folder]);

    /// <summary>Runs a command of the control program.</summary>
    public Task<string> ControlAsync(params IEnumerable<string> command) => Shell.RunAsync("ejabberdctl", [.. Options(), .. command]);

    public async ValueTask DisposeAsync()
    {
        await Shell.RunAsync("ejabberdctl", [.. Options(), "stop"], mayFail: true);
        await Shell.RunAsync("ejabberdctl", [.. Options(), "stopped"], mayFail: true);
        Directory.Delete(Folder, recursive: true);
    }

    private IEnumerable<string> Options() =>
        ["--config-dir", Path.Combine(Folder, "conf"), "--spool", Path.Combine(Folder, "spool"), "--logs", Path.Combine(Folder, "logs"), "--node", _node];
}

/// <summary>Prosody's programs as Debian has them, over data in a folder that goes away.</summary>
internal sealed class Prosody : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly int _port = FreePort.Next();

    private Prosody()
    {
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("meerkat-prosody-").FullName;

    public static async Task<Prosody> CreateAsync()
    {
        Programs.NeedRoot();
        Programs.Need("prosody-migrator", "prosody");
        var prosody = new Prosody();
        Directory.CreateDirectory(Path.Combine(prosody.Folder, "data"));
        Directory.CreateDirectory(Path.Combine(prosody.Folder, "portable"));
        Directory.CreateDirectory(Path.Combine(prosody.Folder, "certs"));
        await File.WriteAllTextAsync(
            Path.Combine(prosody.Folder, "prosody.cfg.lua"),
            $$"""
            data_path = "{{prosody.Folder}}/data"
            pidfile = "{{prosody.Folder}}/prosody.pid"
            authentication = "internal_hashed"
            storage = "internal"
            modules_enabled = { "roster", "saslauth", "disco", "mam" }
            modules_disabled = { "s2s" }
            interfaces = { "127.0.0.1" }
            c2s_ports = { {{prosody._port}} }
            s2s_ports = {}
            http_ports = {}
            https_ports = {}
            c2s_require_encryption = false
            allow_unencrypted_plain_auth = true
            default_archive_policy = true
            VirtualHost "localhost"
            """);

        // The one thing that its configuration cannot say: where the portable files are.
        var migrator = await File.ReadAllTextAsync("/usr/bin/prosody-migrator");
        await File.WriteAllTextAsync(Path.Combine(prosody.Folder, "migrator"), migrator.Replace("CFG_DATADIR='/var/lib/prosody'", $"CFG_DATADIR='{prosody.Folder}/portable'", StringComparison.Ordinal));
        await prosody.OwnAsync();
        return prosody;
    }

    /// <summary>Gives the folder to the account that Prosody runs under.</summary>
    public Task OwnAsync() => Shell.RunAsync("chown", ["-R", "prosody", Folder]);

    public Task RegisterAsync(string name, string password) => Shell.RunAsync("prosodyctl", ["--config", Path.Combine(Folder, "prosody.cfg.lua"), "register", name, "localhost", password]);

    /// <summary>Runs the server while two of its users write to each other (<c>talk.py</c>); it archives what they write.</summary>
    public async Task TalkAsync(string first, string second, string password)
    {
        await OwnAsync();
        await Shell.RunAsync("chmod", ["755", Folder]);
        using var server = Process.Start(new ProcessStartInfo("runuser", ["-u", "prosody", "--", "prosody", "--config", Path.Combine(Folder, "prosody.cfg.lua"), "-F"]) { WorkingDirectory = "/" })!;
        try
        {
            var waited = Stopwatch.StartNew();
            while (!await ListensAsync())
            {
                Assert.False(server.HasExited, "Prosody ended");
                Assert.True(waited.Elapsed < Patience, "Prosody does not listen");
                await Task.Delay(50);
            }

            await Shell.RunAsync("python3", [Path.Combine(AppContext.BaseDirectory, "clients", "talk.py"), $"{_port}", "localhost", first, second, password]);
        }
        finally
        {
            // runuser hands the signal on, and ends when Prosody has.
            await Shell.RunAsync("kill", ["-TERM", $"{server.Id}"], mayFail: true);
            await server.WaitForExitAsync().WaitAsync(Patience);
        }
    }

    /// <summary>Migrates between <c>internal</c> in <c>data</c> and <c>xep0227</c> in <c>portable</c>.</summary>
    public async Task MigrateAsync(string from, string to)
    {
        var config = Path.Combine(Folder, "migrator.cfg.lua");
        var archives = from == "internal" ? ", \"archive-archive\"" : ""; // the migrator of 0.12 does not read archives from portable files, its own among them
        await File.WriteAllTextAsync(
            config,
            $$"""
            input { hosts = { ["localhost"] = { "accounts", "roster", "vcard"{{archives}} } }; type = "{{from}}"; path = "{{Folder}}/data"; }
            output { type = "{{to}}"; path = "{{Folder}}/data"; }
            """);
        await OwnAsync();
        await Shell.RunAsync("chmod", ["755", Path.Combine(Folder, "migrator"), Folder]);
        await Shell.RunAsync("runuser", ["-u", "prosody", "--", Path.Combine(Folder, "migrator"), $"--config={config}"]);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<bool> ListensAsync()
    {
        using var probe = new TcpClient();
        try
        {
            await probe.ConnectAsync(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
