using System.Globalization;

namespace Meerkat.Load.Reporting;

/// <summary>Reads figures that a server tells in Prometheus's text format while it is under load.</summary>
/// <param name="url">Where it tells them.</param>
internal sealed class GaugeWatch(Uri url) : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    private readonly HttpClient _http = new();

    /// <returns>Null where no address was given.</returns>
    public static GaugeWatch? From(LoadArguments args) => args.Text("watch-url", "") is { Length: > 0 } url ? new(new Uri(url)) : null;

    /// <summary>Looks at a figure some times a second until it is stopped.</summary>
    /// <returns>The highest value that was seen.</returns>
    public async Task<double> HighestAsync(string name, CancellationToken stop)
    {
        var highest = 0.0;
        try
        {
            while (true)
            {
                highest = Math.Max(highest, await NowAsync(name, stop));
                await Task.Delay(s_pause, stop);
            }
        }
        catch (OperationCanceledException)
        {
            return highest;
        }
    }

    /// <returns>The sum over all labels; 0 while there is none.</returns>
    public async Task<double> NowAsync(string name, CancellationToken ct)
    {
        var sum = 0.0;
        foreach (var line in (await _http.GetStringAsync(url, ct)).Split('\n'))
        {
            if (line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is '{' or ' ' && line.LastIndexOf('}') is var labels)
            {
                sum += double.Parse(line[(labels < 0 ? name.Length : labels + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
            }
        }

        return sum;
    }

    public void Dispose() => _http.Dispose();
}
