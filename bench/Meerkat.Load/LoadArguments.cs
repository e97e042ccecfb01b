using System.Globalization;

namespace Meerkat.Load;

/// <summary>What a run was asked to do: a verb and <c>--key value</c> pairs. A key that no scenario reads is an error.</summary>
internal sealed class LoadArguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public LoadArguments(string[] args)
    {
        Verb = args is [var verb, ..] ? verb : "help";
        for (var i = 1; i < args.Length; i += 2)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == args.Length)
            {
                throw new ArgumentException($"'{args[i]}': expected --key value");
            }

            _values[args[i][2..]] = args[i + 1];
        }
    }

    public string Verb { get; }

    public string Text(string key, string otherwise)
    {
        _read.Add(key);
        return _values.GetValueOrDefault(key, otherwise);
    }

    public string Required(string key)
    {
        _read.Add(key);
        return _values.TryGetValue(key, out var value) ? value : throw new ArgumentException($"--{key} is needed");
    }

    public int Number(string key, int otherwise) =>
        int.Parse(Text(key, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

    /// <summary>Seconds, fractions allowed.</summary>
    public TimeSpan Time(string key, double otherwise) =>
        TimeSpan.FromSeconds(double.Parse(Text(key, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture));

    /// <summary>Call when all keys of the scenario were read.</summary>
    public void RefuseUnread()
    {
        var unread = _values.Keys.Where(key => !_read.Contains(key)).ToArray();
        if (unread.Length > 0)
        {
            throw new ArgumentException($"unknown for {Verb}: --{string.Join(", --", unread)}");
        }
    }
}
