using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Meerkat.Testing.Databases;

/// <summary>A real database server of this test run: on a port and in a data folder of its own, as a user without rights, gone when the tests are, however they end.</summary>
public abstract class DatabaseProcess : IAsyncDisposable
{
    private const int Hang = 19;
    private const int GoOn = 18;

    // Ends the server when the tests do: their end of the pipe closes.
    private const string Guard = "exec 3<&0; \"$@\" </dev/null >>\"$MEERKAT_TEST_LOG\" 2>&1 & p=$!; echo $p; read -r x <&3; kill -9 $p 2>/dev/null; wait $p 2>/dev/null";

    private static readonly SemaphoreSlim s_installing = new(1, 1);
    private static readonly Dictionary<string, string> s_installed = [];

    private Process? _guard;
    private int _pid;

    protected DatabaseProcess(string name)
    {
        Folder = Directory.CreateTempSubdirectory($"meerkat-{name}-").FullName;
        Port = FreePort.Next();
    }

    public string Folder { get; }

    public int Port { get; }

    public string LogFile => Path.Combine(Folder, "server.log");

    protected string Data => Path.Combine(Folder, "data");

    /// <summary>The signal by which an operator stops it.</summary>
    protected abstract int StopSignal { get; }

    /// <summary>The user that the package made for its server; used where the tests run as root, which such servers refuse.</summary>
    protected abstract string User { get; }

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        string[] arguments = ["-c", Guard, "guard", .. AsUser(), .. ServerCommand()];
        Array.ForEach(arguments, start.ArgumentList.Add);
        start.Environment["MEERKAT_TEST_LOG"] = LogFile;
        start.Environment["LC_ALL"] = "C.UTF-8";
        var began = Stopwatch.StartNew();
        while (true)
        {
            _guard = Process.Start(start)!;
            _pid = int.Parse((await _guard.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
            while (Directory.Exists($"/proc/{_pid}") && !IsZombie(_pid))
            {
                if (await IsReadyAsync())
                {
                    return;
                }

                if (began.Elapsed > TimeSpan.FromMinutes(1))
                {
                    throw new InvalidOperationException($"{GetType().Name} does not start:\n{await File.ReadAllTextAsync(LogFile)}");
                }

                await Task.Delay(50);
            }

            // After a kill, the old one's memory may not be free yet.
            _guard.StandardInput.Close();
            await _guard.WaitForExitAsync();
            _guard.Dispose();
            if (began.Elapsed > TimeSpan.FromSeconds(30))
            {
                throw new InvalidOperationException($"{GetType().Name} does not start:\n{await File.ReadAllTextAsync(LogFile)}");
            }

            await Task.Delay(200);
        }
    }

    /// <summary>Stops it as an operator does.</summary>
    public Task StopAsync() => EndAsync(() => Signal(_pid, StopSignal));

    /// <summary><c>kill -9</c>, its children too.</summary>
    public Task KillAsync() => EndAsync(() =>
    {
        var children = Children(_pid);
        Process.GetProcessById(_pid).Kill();
        foreach (var child in children)
        {
            Signal(child, 9);
        }
    });

    /// <summary>It answers nothing, though its connections stand.</summary>
    /// <summary>Stops all of its threads; they have stopped when this returns, for a busy one takes a moment to notice.</summary>
    public void Suspend()
    {
        int[] all = [_pid, .. Children(_pid)];
        Array.ForEach(all, pid => Signal(pid, Hang));
        SpinWait.SpinUntil(() => all.All(HasStopped), TimeSpan.FromSeconds(10));
    }

    private static bool HasStopped(int pid) => !Directory.Exists($"/proc/{pid}/task")
        || Directory.EnumerateDirectories($"/proc/{pid}/task").All(thread => File.ReadAllText(Path.Combine(thread, "stat")).Split(") ")[^1].StartsWith('T'));

    public void Resume() => Array.ForEach([_pid, .. Children(_pid)], pid => Signal(pid, GoOn));

    public async ValueTask DisposeAsync()
    {
        if (_guard is not null)
        {
            await EndAsync(() => _guard.StandardInput.Close());
        }

        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected abstract string[] ServerCommand();

    protected abstract Task<bool> IsReadyAsync();

    /// <summary>Makes the data folder, once.</summary>
    protected async Task RunAsUserAsync(params string[] command)
    {
        string[] all = [.. AsUser(), .. command];
        var start = new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = Folder };
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}: {await output}{await error}");
        }
    }

    /// <summary>A copy of a data folder that is made once for the run: the programs that make one take their time.</summary>
    protected async Task CopyDataAsync(string name, Func<string, string[]> installer)
    {
        await s_installing.WaitAsync();
        try
        {
            if (!s_installed.TryGetValue(name, out var template))
            {
                var folder = Directory.CreateTempSubdirectory($"meerkat-{name}-template-").FullName;
                AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
                await GiveToUserAsync(folder);
                template = Path.Combine(folder, "data");
                await RunAsUserAsync(installer(template));
                s_installed[name] = template;
            }

            if (!await SucceedsAsync("cp", "-a", template, Data))
            {
                throw new InvalidOperationException($"{template} cannot be copied");
            }
        }
        finally
        {
            s_installing.Release();
        }
    }

    protected static async Task<bool> SucceedsAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        await output;
        await error;
        return process.ExitCode == 0;
    }

    protected Task GiveFolderToUserAsync() => GiveToUserAsync(Folder);

    private async Task GiveToUserAsync(string folder)
    {
        if (Environment.UserName == "root" && !await SucceedsAsync("chown", "-R", User, folder))
        {
            throw new InvalidOperationException($"There is no user {User}.");
        }
    }

    /// <summary>The first of these programs that is installed; null when none is.</summary>
    protected static string? Find(params string[] programs) => programs.FirstOrDefault(File.Exists);

    private string[] AsUser() => Environment.UserName == "root" ? ["setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups", "--"] : [];

    private async Task EndAsync(Action end)
    {
        end();
        var began = Stopwatch.StartNew();
        for (var rounds = 1; Directory.Exists($"/proc/{_pid}") && !IsZombie(_pid); rounds++)
        {
            await Task.Delay(10);
            if (rounds % 100 == 0)
            {
                Signal(_pid, began.Elapsed < TimeSpan.FromSeconds(20) ? StopSignal : 9); // one that has just started may not listen yet
            }
        }

        _guard!.StandardInput.Close();
        await _guard.WaitForExitAsync();
        _guard.Dispose();
        _guard = null;
    }

    private static bool IsZombie(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat").Split(')')[^1].TrimStart().StartsWith('Z');
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static int[] Children(int pid) =>
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Select(name => int.TryParse(name, out var id) ? id : 0).Where(id => id > 0 && ParentOf(id) == pid)];

    private static int ParentOf(int pid)
    {
        try
        {
            return int.Parse(File.ReadAllText($"/proc/{pid}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static void Signal(int pid, int signal) => _ = Kill(pid, signal); // who is gone already is gone

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int pid, int signal);
}
