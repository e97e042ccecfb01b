using System.Runtime.CompilerServices;
using Meerkat.Xmpp.Tests.Oracles;
using Xunit;

namespace Meerkat.Xmpp.Tests.Stringprep;

/// <summary>The committed tables are what the generator writes.</summary>
public sealed class StringprepTablesTests
{
    [Fact]
    public void The_generator_writes_the_tables_that_are_committed()
    {
        var root = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..");
        Assert.SkipUnless(Directory.Exists(root), "The sources are not where they were built.");
        var (succeeded, lines) = Oracle.Run("python3", [Path.Combine(root, "tools", "stringprep-tables.py")], []);
        Assert.True(succeeded);
        Assert.Equal(File.ReadAllLines(Path.Combine(root, "src", "Meerkat.Xmpp", "Stringprep", "StringprepTables.cs")), lines);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
