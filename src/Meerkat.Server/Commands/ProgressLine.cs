namespace Meerkat.Server.Commands;

/// <summary>A line on a terminal that says how far something has come, and messages above it. Where standard error is no terminal, messages only.</summary>
/// <param name="what">What is counted.</param>
internal sealed class ProgressLine(string what) : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private long _shownAt;
    private int _width;

    /// <summary>So many are done: shown some times a second.</summary>
    public void Show(long count) => Show($"{count} {what}");

    /// <summary>As <see cref="Show(long)"/>, in words.</summary>
    public void Show(string text)
    {
        if (Console.IsErrorRedirected || (_shownAt != 0 && TimeProvider.System.GetElapsedTime(_shownAt) < s_pause))
        {
            return;
        }

        _shownAt = TimeProvider.System.GetTimestamp();
        Console.Error.Write($"\r{text.PadRight(_width)}");
        _width = text.Length;
    }

    /// <summary>Something to remember.</summary>
    public void Tell(string message)
    {
        Clear();
        Console.Error.WriteLine(message);
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    private void Clear()
    {
        if (_width > 0)
        {
            Console.Error.Write($"\r{new string(' ', _width)}\r");
            _width = 0;
        }
    }
}
