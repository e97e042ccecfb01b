using Meerkat.Storage.Sql.Schema;

namespace Meerkat.Storage.Sql.VCard;

/// <summary>vCards, and what searches look at: a table of its own, so that a search does not read pictures.</summary>
[SchemaMigration(2026_1122_0090)]
public sealed class VCardMigration : SchemaMigration
{
    /// <inheritdoc/>
    protected override void Change()
    {
        CreateOwnedTable("vcard").WithColumn("xml").AsBinary(int.MaxValue).NotNullable();
        var search = CreateOwnedTable("vcard_search").WithColumn("username").AsCustom(KeyText(1023)).NotNullable();
        foreach (var column in new[] { "fn", "given", "middle", "family", "nickname", "bday", "ctry", "locality", "email", "orgname", "orgunit" })
        {
            search = search.WithColumn(column).AsCustom(KeyText(1000)).NotNullable();
        }
    }
}
