using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.MucLog;

/// <summary>Appends to files, one line after the other, while nobody waits. Safe for concurrent use.</summary>
internal sealed partial class MucLogWriter(ILogger log)
{
    private const int MaxWaiting = 10_000;

    private readonly Channel<(string File, string Head, string Line)> _lines = Channel.CreateBounded<(string, string, string)>(MaxWaiting);
    private readonly Lock _gate = new();
    private Task _writing = Task.CompletedTask;

    /// <summary>Adds a line to a file; a file that is not there begins with its head. A disk that is too slow loses lines, and says so.</summary>
    public void Write(string file, string head, string line)
    {
        if (!_lines.Writer.TryWrite((file, head, line)))
        {
            Lost(log, file);
            return;
        }

        lock (_gate)
        {
            if (_writing.IsCompleted)
            {
                _writing = Task.Run(Drain);
            }
        }
    }

    /// <summary>Waits until what was added is written.</summary>
    public async Task FlushAsync()
    {
        while (_lines.Reader.Count > 0 || !_writing.IsCompleted)
        {
            Task writing;
            lock (_gate)
            {
                writing = _writing = _writing.IsCompleted ? Task.Run(Drain) : _writing;
            }

            await writing;
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A log that cannot be written must not stop the next one: it is logged.")]
    private void Drain()
    {
        while (_lines.Reader.TryRead(out var next))
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(next.File)!);
                File.AppendAllText(next.File, File.Exists(next.File) ? next.Line : next.Head + next.Line, new UTF8Encoding(false));
            }
            catch (Exception failure)
            {
                Failed(log, failure, next.File);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "the room log {File} could not be written")]
    private static partial void Failed(ILogger log, Exception failure, string file);

    [LoggerMessage(Level = LogLevel.Warning, Message = "too much waits to be logged: a line of {File} is lost")]
    private static partial void Lost(ILogger log, string file);
}
