using Xunit;

namespace Meerkat.Server.Tests.Configuration;

/// <summary>docs/configuration.md says what the records say.</summary>
public sealed class ConfigurationPageTests
{
    private const string Mark = "<!-- Below: made from the options records; MEERKAT_WRITE_DOCS=1 with the tests of Meerkat.Server rewrites it. -->\n";

    [Fact]
    public void The_page_is_what_the_options_records_say()
    {
        var page = PagePath();
        var text = File.ReadAllText(page);
        var at = text.IndexOf(Mark, StringComparison.Ordinal);
        Assert.True(at > 0, $"{page} has lost its mark");
        var expected = text[..(at + Mark.Length)] + ConfigurationPage.Tables();
        if (Environment.GetEnvironmentVariable("MEERKAT_WRITE_DOCS") == "1")
        {
            File.WriteAllText(page, expected);
        }

        Assert.Equal(expected, File.ReadAllText(page));
    }

    [Fact] // CORE-136, CONF-062: what is said of a class of keys is true of all of them
    public void The_page_calls_no_key_tuning_that_is_fixed_here()
    {
        var text = File.ReadAllText(PagePath());
        var from = text.IndexOf("- **without effect**", StringComparison.Ordinal);
        var said = text[from..text.IndexOf("\n- **", from + 1, StringComparison.Ordinal)];
        var rows = text[text.IndexOf("\n## Without effect", StringComparison.Ordinal)..].Split('\n').Where(row => row.StartsWith("| `", StringComparison.Ordinal)).TakeWhile(row => !row.StartsWith('#'));

        Assert.Contains(rows, row => row.Contains("routing_modules", StringComparison.Ordinal) && !row.Contains("virtual machine", StringComparison.Ordinal));
        Assert.Contains("fixed here", said, StringComparison.Ordinal);
    }

    private static string PagePath()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var page = Path.Combine(folder.FullName, "docs", "configuration.md");
            if (File.Exists(page))
            {
                return page;
            }
        }

        throw new FileNotFoundException("docs/configuration.md is in no folder above the tests.");
    }
}
