using System.Runtime.CompilerServices;
using System.Text;
using LinqToDB;
using LinqToDB.Async;
using Meerkat.Core.Storage;
using Meerkat.Modules.VCard;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.VCard;

/// <summary>vCards in a SQL database.</summary>
public sealed class SqlVCardStore(SqlDatabase database) : IVCardStore
{
    /// <inheritdoc/>
    public async ValueTask<XmlElement?> GetAsync(BareJid owner, CancellationToken ct) =>
        await database.ReadAsync(async session => await session.RowsOf<VCardRow>(owner).FirstOrDefaultAsync(ct), ct) is { } row ? Parse(row.Xml) : null;

    /// <inheritdoc/>
    public async ValueTask SetAsync(BareJid owner, XmlElement vcard, CancellationToken ct)
    {
        var xml = vcard.ToUtf8();
        var search = VCardSearchRow.Of(0, owner.Local ?? "", vcard);
        await database.WriteAsync(
            owner,
            async session =>
            {
                var id = await session.EnsureOwnerAsync(owner, CancellationToken.None);
                await session.GetTable<VCardRow>().Where(row => row.OwnerId == id).DeleteAsync(CancellationToken.None);
                await session.GetTable<VCardSearchRow>().Where(row => row.OwnerId == id).DeleteAsync(CancellationToken.None);
                await session.InsertAsync(new VCardRow { OwnerId = id, Xml = xml }, token: CancellationToken.None);
                return await session.InsertAsync(search.For(id), token: CancellationToken.None);
            },
            ct);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<VCardEntry>> SearchAsync(string domain, IReadOnlyList<VCardCriterion> criteria, int? limit, CancellationToken ct)
    {
        var rows = await database.ReadAsync(
            async session =>
            {
                var matches = criteria.Aggregate(session.RowsIn<VCardSearchRow>(domain), (rows, criterion) => rows.Where(VCardSearchRow.Where(criterion)));
                var cards = session.GetTable<VCardRow>();
                var found =
                    from match in matches
                    join card in cards on match.OwnerId equals card.OwnerId
                    orderby match.Username
                    select new { match.Username, card.Xml };
                return await found.Take(limit ?? int.MaxValue).ToListAsync(ct);
            },
            ct);
        var entries = new List<VCardEntry>(rows.Count);
        foreach (var row in rows)
        {
            if (BareJid.TryCreate(row.Username, domain, out var owner))
            {
                entries.Add(new VCardEntry(owner, Parse(row.Xml)));
            }
        }

        return entries;
    }

    /// <inheritdoc/>
    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) =>
        RemoveAsync(session => (session.RowsOf<VCardRow>(account), session.RowsOf<VCardSearchRow>(account)), ct);

    /// <inheritdoc/>
    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct) =>
        RemoveAsync(session => (session.RowsIn<VCardRow>(domain), session.RowsIn<VCardSearchRow>(domain)), ct);

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var row in await database.RowsOfAsync<VCardRow>(account, ct))
        {
            yield return new PersonalDataSection("vcard", ["jid", "vcard"], [[account.ToString(), Encoding.UTF8.GetString(row.Xml)]]); // OPS-147
        }
    }

    private async ValueTask RemoveAsync(Func<SqlSession, (IQueryable<VCardRow> Cards, IQueryable<VCardSearchRow> Search)> rows, CancellationToken ct) =>
        await database.WriteAsync(
            async session =>
            {
                var (cards, search) = rows(session);
                return await cards.DeleteAsync(CancellationToken.None) + await search.DeleteAsync(CancellationToken.None);
            },
            ct);

    private static XmlElement Parse(byte[] xml) => XmlElement.Parse(xml, limits: XmlLimits.Unlimited);
}
