using System.Diagnostics;
using System.Globalization;

namespace Meerkat.Load.Reporting;

/// <summary>Counts the rows of an archive by a command of the shell that prints their number: what a server says it keeps must be there.</summary>
/// <param name="command">The command.</param>
/// <param name="perMessage">Rows that one message makes.</param>
internal sealed class RowCount(string command, int perMessage)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <returns>Null where no command was given: nothing is archived.</returns>
    public static RowCount? From(LoadArguments args)
    {
        var (command, perMessage) = (args.Text("rows-command", ""), args.Number("rows-per-message", 2));
        return command.Length > 0 ? new(command, perMessage) : null;
    }

    public async Task<long> NowAsync(CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardOutput = true })!;
        var printed = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return long.TryParse(printed, NumberStyles.Integer, CultureInfo.InvariantCulture, out var rows) ? rows
            : throw new IOException($"--rows-command printed no number but '{printed.Trim()}' (exit code {process.ExitCode})");
    }

    /// <summary>Waits until the rows of all messages are there, or for half a minute no further one comes.</summary>
    /// <returns>What there is, in words, which begin with FAILED where there are not as many as there must be.</returns>
    public async Task<string> CheckAsync(long before, long sent, CancellationToken ct)
    {
        var expected = sent * perMessage;
        var rows = await NowAsync(ct) - before;
        for (var since = Stopwatch.GetTimestamp(); rows < expected && Stopwatch.GetElapsedTime(since) < s_patience;)
        {
            await Task.Delay(500, ct);
            var now = await NowAsync(ct) - before;
            since = now > rows ? Stopwatch.GetTimestamp() : since;
            rows = now;
        }

        return rows == expected ? $"{rows} rows of {sent} messages; " : $"FAILED: {rows} rows of {sent} messages; ";
    }
}
