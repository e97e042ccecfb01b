using System.Text.RegularExpressions;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>The tables of XEP-0045 §5, where the collection of XEPs lies beside the project: how many cells each has.</summary>
internal static class RuleTables
{
    /// <summary>Checks a number of cells against the XEP itself; where that is not at hand, the number stands for it.</summary>
    public static void Count(string caption, int cells)
    {
        if (Find() is not { } file)
        {
            return;
        }

        var table = Regex.Match(File.ReadAllText(file), $"<table caption='{Regex.Escape(caption)}'>(.*?)</table>", RegexOptions.Singleline).Groups[1].Value;
        var rows = Regex.Matches(table, "<tr>(.*?)</tr>", RegexOptions.Singleline).Select(row => Regex.Count(row.Value, "<td")).Where(count => count > 0).ToArray();
        Assert.Equal(cells, rows.Sum(count => count - 1)); // the first cell of a row is its name
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, "shared", "xeps", "xep-0045.xml");
            if (File.Exists(file))
            {
                return file;
            }
        }

        return null;
    }
}
