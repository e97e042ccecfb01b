using System.Data.Common;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.Data;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql;

/// <summary>A connection while one operation has it: linq2db's tables and queries, and the way from an owner's JID to the rows that are its own.</summary>
/// <remarks>Not safe for concurrent use. Its transaction belongs to <see cref="SqlDatabase"/>: an operation neither begins nor commits one.</remarks>
public sealed class SqlSession : DataConnection
{
    // Nearly every write begins with it. Compiled queries give back a sequence: measured with linq2db 6.5, one that ends in FirstOrDefault costs three times as much.
    private static readonly Func<SqlSession, string, string, IQueryable<long>> OwnerId =
        CompiledQuery.Compile((SqlSession session, string domain, string localpart) =>
            session.GetTable<OwnerRow>().Where(o => o.Domain == domain && o.Localpart == localpart).Select(o => o.Id));

    internal SqlSession(SqlDialect dialect, DbConnection connection)
        : base(new DataOptions().UseConnection(dialect.Provider, connection, disposeConnection: false))
    {
    }

    /// <summary>The rows of one owner, by the id that <see cref="FindOwnerAsync"/> or <see cref="EnsureOwnerAsync"/> gave: a query, to be narrowed, updated or deleted.</summary>
    /// <remarks>To read all rows of an owner, <see cref="OwnedRows.RowsOfAsync"/> is one round trip and a quarter of the cost.</remarks>
    public IQueryable<TRow> RowsOf<TRow>(long ownerId)
        where TRow : class, IOwnedRow =>
        this.GetTable<TRow>().Where(row => row.OwnerId == ownerId);

    /// <summary>The rows of all owners of a domain, the domain itself among them.</summary>
    public IQueryable<TRow> RowsIn<TRow>(string domain)
        where TRow : class, IOwnedRow
    {
        var owners = this.GetTable<OwnerRow>();
        return this.GetTable<TRow>().Where(row => owners.Where(o => o.Domain == domain).Select(o => o.Id).Contains(row.OwnerId));
    }

    /// <summary>The id under which an owner's rows are kept, or null when nothing is.</summary>
    public async ValueTask<long?> FindOwnerAsync(BareJid owner, CancellationToken ct)
    {
        var (domain, localpart) = Parts(owner);
        return await OwnerId(this, domain, localpart).ToListAsync(ct) is [var id] ? id : null;
    }

    /// <summary>The id under which an owner's rows are kept; gives it one if it has none. For writes.</summary>
    public async ValueTask<long> EnsureOwnerAsync(BareJid owner, CancellationToken ct)
    {
        if (await FindOwnerAsync(owner, ct) is { } id)
        {
            return id;
        }

        var (domain, localpart) = Parts(owner);
        return await this.InsertWithInt64IdentityAsync(new OwnerRow { Domain = domain, Localpart = localpart }, token: ct);
    }

    /// <summary>An owner as the table names it. A domain owns data too (its own vCard, say): its localpart is the empty text, which no account has.</summary>
    internal static (string Domain, string Localpart) Parts(BareJid owner) => (owner.Domain, owner.Local ?? "");
}
