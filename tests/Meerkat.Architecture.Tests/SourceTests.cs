using System.Text.RegularExpressions;
using Xunit;

namespace Meerkat.Architecture.Tests;

/// <summary>What the house style says of source files, where a machine can see it.</summary>
public sealed partial class SourceTests
{
    private static readonly string s_root = FindRoot();

    [Fact] // past 800 lines, the top says why
    public void No_file_is_too_long_to_be_read() => Assert.Equal([], PathsOf("src", IsTooLong));

    [Fact] // namespaces of the wire live in Ns
    public void No_namespace_stands_outside_of_its_place() =>
        Assert.Equal([], PathsOf("src", HasNamespace).Where(path => Path.GetFileName(path) is not ("Ns.cs" or "Product.cs")));

    [Fact]
    public void Nothing_is_announced_that_is_not_there() => Assert.Equal([], PathsOf("src", text => text.Contains("NotImplementedException", StringComparison.Ordinal)));

    [Fact] // Utils, Helpers and Common are not names
    public void Things_have_names_of_their_own() =>
        Assert.Equal([], PathsOf("src", _ => true).Concat(PathsOf("tests", _ => true)).Where(IsNoName));

    [Fact] // time comes from TimeProvider
    public void The_clock_is_asked_of_its_provider() =>
        Assert.Equal([], PathsOf("src", Clock().IsMatch));

    [Fact] // the npm of Debian 12 stops at them
    public void Packages_of_the_web_have_no_links_between_them()
    {
        var locks = Directory.GetFiles(Path.Combine(s_root, "src"), "package-lock.json", SearchOption.AllDirectories);
        Assert.NotEmpty(locks);
        Assert.DoesNotContain(locks, file => File.ReadAllText(file).Contains("\"link\": true", StringComparison.Ordinal));
    }

    /// <summary>The keys of the modules that are here.</summary>
    internal static IEnumerable<string> Modules => Code.Ours.SelectMany(Code.TypesOf)
        .SelectMany(type => type.CustomAttributes.Where(attribute => attribute.AttributeType.Name == "ModuleAttribute"))
        .Select(attribute => (string)attribute.ConstructorArguments[0].Value);

    [Fact]
    public void Every_module_has_its_page()
    {
        Assert.NotEmpty(Modules);
        Assert.Equal([], Modules.Where(key => !File.Exists(Path.Combine(s_root, "docs", "modules", $"{key}.md"))));
    }

    [Fact] // the rules can fail
    public void Mistakes_are_found()
    {
        Assert.True(IsTooLong(string.Join('\n', Enumerable.Repeat("x", 801))));
        Assert.False(IsTooLong("// Written by tools/tables.py\n" + string.Join('\n', Enumerable.Repeat("x", 801))));
        Assert.True(HasNamespace("var x = \"urn:xmpp:ping\";"));
        Assert.True(HasNamespace("var x = \"http://jabber.org/protocol/muc\";"));
        Assert.False(HasNamespace("/// see urn:xmpp:ping"));
        Assert.True(IsNoName("src/X/StringHelpers.cs"));
        Assert.True(IsNoName("src/Utils/X.cs"));
        Assert.False(IsNoName("src/Commands/CommonOptions.cs"));
        Assert.Matches(Clock(), "var now = DateTime.UtcNow;");
        Assert.NotEmpty(PathsOf("src", _ => true));
    }

    private static bool IsTooLong(string text) => text.Count(c => c == '\n') >= 800 && !text.StartsWith("// ", StringComparison.Ordinal);

    private static bool HasNamespace(string text) => Namespace().IsMatch(text);

    private static bool IsNoName(string path) => path.Split('/').Any(part => NoName().IsMatch(Path.GetFileNameWithoutExtension(part)));

    private static IEnumerable<string> PathsOf(string folder, Func<string, bool> fits) =>
        Directory.EnumerateFiles(Path.Combine(s_root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => fits(File.ReadAllText(file)))
            .Select(file => Path.GetRelativePath(s_root, file).Replace('\\', '/'));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Meerkat.slnx")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }

    [GeneratedRegex("\"(urn:(xmpp|ietf)|jabber:|http://jabber\\.org/)")]
    private static partial Regex Namespace();

    [GeneratedRegex("^(Utils?|Helpers?|Common)$|(Utils?|Helpers?)$")]
    private static partial Regex NoName();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(UtcNow|Now)\b|\bEnvironment\.TickCount|\bThread\.Sleep\b")]
    private static partial Regex Clock();
}
