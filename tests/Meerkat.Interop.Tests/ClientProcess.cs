using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace Meerkat.Interop.Tests;

/// <summary>A client program, or a script that drives one and prints what it has seen as JSON lines (<c>clients/verdicts.py</c>).</summary>
internal sealed class ClientProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly ServerUnderTest _server;
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Channel<JsonElement> _verdicts = Channel.CreateUnbounded<JsonElement>();

    private ClientProcess(ServerUnderTest server, ProcessStartInfo start)
    {
        _server = server;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Heard(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Starts a program with its home in the server's folder and the server's certificate as the only one that OpenSSL and Go trust.</summary>
    public static ClientProcess Start(ServerUnderTest server, string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        start.Environment["HOME"] = server.Folder;
        start.Environment["SSL_CERT_FILE"] = server.CertificateFile;
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["LANG"] = "C.UTF-8";
        return new ClientProcess(server, start);
    }

    /// <summary>Starts a scenario of a script in <c>clients/</c> for one account and, where the scenario has a second person, a peer.</summary>
    public static ClientProcess StartScript(ServerUnderTest server, string script, string scenario, Account account, Account? peer = null, string? url = null)
    {
        List<string> arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "clients", script), scenario,
            "--port", server.ClientPort.ToString(), "--tls-port", server.DirectTlsPort.ToString(), "--url", url ?? server.ChatUrl,
            "--certificate", server.CertificateFile, "--jid", account.Jid, "--password", account.Password,
        ];
        if (peer is not null)
        {
            arguments.AddRange(["--peer", peer.Jid, "--peer-password", peer.Password]);
        }

        if (Environment.GetEnvironmentVariable("MEERKAT_TEST_SCREENSHOTS") is { Length: > 0 } folder)
        {
            arguments.AddRange(["--screenshots", folder]);
        }

        return Start(server, Programs.Python, arguments);
    }

    /// <summary>Plays a whole scenario, which must reach these steps, in this order, and no others.</summary>
    public static Task PlayAsync(ServerUnderTest server, string script, string scenario, Account account, Account? peer, params string[] steps) =>
        PlayAtAsync(server, null, script, scenario, account, peer, steps);

    /// <summary>As <see cref="PlayAsync"/>, at another address than that of the page.</summary>
    public static async Task PlayAtAsync(ServerUnderTest server, string? url, string script, string scenario, Account account, Account? peer, params string[] steps)
    {
        await using var client = StartScript(server, script, scenario, account, peer, url);
        foreach (var step in steps)
        {
            await client.StepAsync(step);
        }

        await client.EndAsync();
    }

    /// <summary>Waits for the script's next verdict, which must be this step; returns it with its facts.</summary>
    public async Task<JsonElement> StepAsync(string name)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            var verdict = await _verdicts.Reader.ReadAsync(limit.Token);
            if (!verdict.TryGetProperty("step", out var step) || step.GetString() != name)
            {
                await _process.WaitForExitAsync(limit.Token); // a script that failed ends, and says more while it does
                Assert.Fail(Story($"The step \"{name}\" was to come and not {verdict}."));
            }

            return verdict;
        }
        catch (Exception problem) when (problem is OperationCanceledException or ChannelClosedException)
        {
            Assert.Fail(Story($"The step \"{name}\" did not come."));
            throw;
        }
    }

    /// <summary>Gives the program a line on its standard input.</summary>
    public async Task SayAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Closes the program's standard input and waits until it has ended well, with nothing more to say.</summary>
    public async Task EndAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(limit.Token);
        Assert.True(_process.ExitCode == 0 && !_verdicts.Reader.TryRead(out _), Story($"The program ended with {_process.ExitCode}."));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Heard(string? line)
    {
        Keep(line);
        if (line is null)
        {
            _verdicts.Writer.TryComplete();
        }
        else if (line.StartsWith('{'))
        {
            _verdicts.Writer.TryWrite(JsonDocument.Parse(line).RootElement);
        }
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }

    private string Story(string problem)
    {
        lock (_output)
        {
            return $"{problem}\n--- {_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList.Take(2))}:\n{_output}\n--- server:\n{_server.Output()}";
        }
    }
}
