using Meerkat.Core.Configuration;
using Xunit;

namespace Meerkat.Architecture.Tests;

/// <summary>The table of what is missing says nothing of what is here.</summary>
public sealed class MissingKeysTests
{
    // "Not built yet" beside something that is built: remove the row from KnownKeys.
    [Fact]
    public void No_module_is_called_missing_that_is_here() => Assert.Equal([], Stale(KnownKeys.Of(KnownKeyKind.NotAvailable), SourceTests.Modules));

    [Fact] // the rule can fail
    public void A_row_of_a_module_that_is_here_is_found() =>
        Assert.Equal(["modules.mod_mam"], Stale([new(KnownKeyKind.NotAvailable, "modules.mod_mam", "", null), new(KnownKeyKind.NotAvailable, "modules.mod_vcard.ldap", "", null), new(KnownKeyKind.NotAvailable, "s2s", "", null)], ["mod_mam", "mod_vcard"]));

    private static IEnumerable<string> Stale(IEnumerable<KnownKey> rows, IEnumerable<string> modules)
    {
        var here = modules.ToHashSet();
        return rows.Where(row => row.Keys is ["modules", var module] && here.Contains(module)).Select(row => row.Path);
    }
}
