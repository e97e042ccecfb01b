using System.Text;
using System.Text.RegularExpressions;

namespace Meerkat.Core.Access;

/// <summary>Shell patterns: <c>*</c> is any text, <c>?</c> any character, <c>[…]</c> one of a set. The whole text must match (CORE-253).</summary>
internal static class GlobPattern
{
    /// <summary>The same as a regular expression. A bracket that is not closed stands for itself.</summary>
    public static string ToRegex(string glob)
    {
        var regex = new StringBuilder(@"\A");
        for (var i = 0; i < glob.Length; i++)
        {
            var close = glob[i] == '[' && i + 2 < glob.Length ? glob.IndexOf(']', i + 2) : -1;
            if (close > 0)
            {
                AppendSet(regex, glob.AsSpan(i + 1, close - i - 1));
                i = close;
                continue;
            }

            regex.Append(glob[i] switch { '*' => "(?s:.*)", '?' => "(?s:.)", var c => Regex.Escape(c.ToString()) });
        }

        return regex.Append(@"\z").ToString();
    }

    private static void AppendSet(StringBuilder regex, ReadOnlySpan<char> set)
    {
        regex.Append('[');
        if (set.Length > 1 && set[0] is '!' or '^')
        {
            regex.Append('^');
            set = set[1..];
        }

        for (var i = 0; i < set.Length; i++)
        {
            var range = i > 0 && i < set.Length - 1 && set[i] == '-' && set[i - 1] <= set[i + 1];
            if (!range && set[i] is '\\' or '[' or ']' or '^' or '-')
            {
                regex.Append('\\');
            }

            regex.Append(set[i]);
        }

        regex.Append(']');
    }
}
