using System.Diagnostics;

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

/// <summary>Prosody's programs as Debian has them, over data in a folder that goes away. The server itself is not started.</summary>
internal sealed class Prosody : IAsyncDisposable
{
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
            $"""
            data_path = "{prosody.Folder}/data"
            pidfile = "{prosody.Folder}/prosody.pid"
            authentication = "internal_hashed"
            storage = "internal"
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

    /// <summary>Migrates between <c>internal</c> in <c>data</c> and <c>xep0227</c> in <c>portable</c>.</summary>
    public async Task MigrateAsync(string from, string to)
    {
        var config = Path.Combine(Folder, "migrator.cfg.lua");
        await File.WriteAllTextAsync(
            config,
            $$"""
            input { hosts = { ["localhost"] = { "accounts", "roster", "vcard" } }; type = "{{from}}"; path = "{{Folder}}/data"; }
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
}
