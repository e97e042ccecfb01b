using System.Diagnostics;
using System.Text;
using System.Threading.Channels;

namespace Meerkat.Interop.Tests;

/// <summary>A terminal program under tmux, whose control mode says when the screen has changed: nothing here waits for a fixed time.</summary>
internal sealed class Terminal : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly Process _tmux;
    private readonly string _socket = $"meerkat-{Guid.NewGuid():N}";
    private readonly Channel<string> _answers = Channel.CreateUnbounded<string>();
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Task _reading;

    private Terminal(string program, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var start = new ProcessStartInfo("tmux", ["-L", _socket, "-f", "/dev/null", "-u", "-C", "new-session", "-x", "120", "-y", "40", program])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment.Remove("TMUX");
        _tmux = Process.Start(start)!;
        _reading = ReadAsync();
    }

    public static async Task<Terminal> StartAsync(string program, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var terminal = new Terminal(program, environment);
        await terminal.AnswerAsync(); // new-session's own
        return terminal;
    }

    /// <summary>Types a line and presses Enter. The line may not hold a single quote.</summary>
    public async Task TypeAsync(string line)
    {
        await CommandAsync($"send-keys -l '{line}'");
        await CommandAsync("send-keys Enter");
    }

    /// <summary>Waits until the screen shows a text.</summary>
    public async Task ShowsAsync(string text)
    {
        using var limit = new CancellationTokenSource(Patience);
        var screen = "";
        try
        {
            while (!(screen = await CommandAsync("capture-pane -p -J")).Contains(text, StringComparison.Ordinal))
            {
                await _changes.Reader.ReadAsync(limit.Token);
            }
        }
        catch (Exception problem) when (problem is OperationCanceledException or ChannelClosedException)
        {
            Assert.Fail($"The screen never showed \"{text}\":\n{screen}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_tmux.HasExited)
        {
            await _tmux.StandardInput.WriteLineAsync("kill-server");
            await _tmux.StandardInput.FlushAsync();
        }

        await _tmux.WaitForExitAsync();
        await _reading;
        _tmux.Dispose();
    }

    private async Task<string> CommandAsync(string command)
    {
        await _tmux.StandardInput.WriteLineAsync(command);
        await _tmux.StandardInput.FlushAsync();
        return await AnswerAsync();
    }

    private async Task<string> AnswerAsync() => await _answers.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    /// <summary>Sorts what tmux says: the answer to a command stands between %begin and %end, and %output means that the screen changes.</summary>
    private async Task ReadAsync()
    {
        StringBuilder? answer = null;
        while (await _tmux.StandardOutput.ReadLineAsync() is { } line)
        {
            if (answer is not null)
            {
                if (line.StartsWith("%end ", StringComparison.Ordinal) || line.StartsWith("%error ", StringComparison.Ordinal))
                {
                    _answers.Writer.TryWrite(answer.ToString());
                    answer = null;
                }
                else
                {
                    answer.AppendLine(line);
                }
            }
            else if (line.StartsWith("%begin ", StringComparison.Ordinal))
            {
                answer = new StringBuilder();
            }
            else if (line.StartsWith("%output ", StringComparison.Ordinal))
            {
                _changes.Writer.TryWrite(true);
            }
        }

        _answers.Writer.TryComplete();
        _changes.Writer.TryComplete();
    }
}
