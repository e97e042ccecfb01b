using LinqToDB.Data;
using Meerkat.Conformance.VCard;
using Meerkat.Modules.VCard;
using Meerkat.Storage.Sql.VCard;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Storage.Sql.Tests.VCard;

public sealed class SqliteVCardStoreTests : VCardStoreSuite
{
    private TestDatabase _test = null!;

    [Fact] // VCD-001
    public async Task A_damaged_vcard_is_reported_as_such()
    {
        var alice = BareJid.Parse("alice@one.example");
        await Store.SetAsync(alice, XmlElement.Parse("<vCard xmlns='vcard-temp'/>"), default);
        await _test.Database.WriteAsync(async session => await session.ExecuteAsync("UPDATE vcard SET xml = x'3c61'"), default);
        await Assert.ThrowsAsync<XmlFormatException>(async () => await Store.GetAsync(alice, default));
    }

    protected override async ValueTask<IVCardStore> OpenAsync()
    {
        _test = await TestDatabase.CreateAsync();
        return new SqlVCardStore(_test.Database);
    }

    protected override ValueTask CloseAsync() => _test.DisposeAsync();
}
