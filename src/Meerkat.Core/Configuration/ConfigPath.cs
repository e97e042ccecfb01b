namespace Meerkat.Core.Configuration;

/// <summary>Dotted paths of keys, as error messages and <see cref="KnownKeys"/> write them.</summary>
internal static class ConfigPath
{
    /// <summary>The keys of a path; a quoted one is one key, dots and all.</summary>
    public static string[] Split(string path)
    {
        var keys = new List<string>();
        var from = 0;
        while (from < path.Length)
        {
            var quoted = path[from] == '"';
            var end = quoted ? path.IndexOf("\".", from + 1, StringComparison.Ordinal) + 1 : path.IndexOf('.', from);
            end = end <= 0 ? path.Length : end;
            keys.Add(quoted ? path[(from + 1)..(end - 1)] : path[from..end]);
            from = end + 1;
        }

        return [.. keys];
    }

    /// <summary>Whether a path is the pattern, or begins like it when <paramref name="prefix"/> is set; <c>*</c> stands for one key.</summary>
    public static bool Matches(string[] pattern, string[] path, bool prefix = false)
    {
        if (prefix ? pattern.Length <= path.Length : pattern.Length != path.Length)
        {
            return false;
        }

        for (var i = 0; i < path.Length; i++)
        {
            if (pattern[i] != "*" && pattern[i] != path[i])
            {
                return false;
            }
        }

        return true;
    }
}
