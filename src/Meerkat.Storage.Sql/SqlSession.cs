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
    // The one query that nearly every write begins with: compiled, so that only binding and stepping are left.
    private static readonly Func<SqlSession, string, string, CancellationToken, Task<long?>> FindOwner =
        CompiledQuery.Compile((SqlSession session, string domain, string localpart, CancellationToken ct) =>
            session.GetTable<OwnerRow>().Where(o => o.Domain == domain && o.Localpart == localpart).Select(o => (long?)o.Id).FirstOrDefaultAsync(ct));

    internal SqlSession(SqlDialect dialect, DbConnection connection)
        : base(new DataOptions().UseConnection(dialect.Provider, connection, disposeConnection: false))
    {
    }

    /// <summary>The rows of one owner: a query, to be narrowed, read, updated or deleted. One round trip, also when the owner is unknown (no rows).</summary>
    public IQueryable<TRow> RowsOf<TRow>(BareJid owner)
        where TRow : class, IOwnedRow
    {
        var (domain, localpart) = Parts(owner);
        var owners = this.GetTable<OwnerRow>();
        return this.GetTable<TRow>().Where(row => row.OwnerId == owners.Where(o => o.Domain == domain && o.Localpart == localpart).Select(o => o.Id).Single());
    }

    /// <summary>The rows of all owners of a domain, the domain itself among them.</summary>
    public IQueryable<TRow> RowsIn<TRow>(string domain)
        where TRow : class, IOwnedRow
    {
        var owners = this.GetTable<OwnerRow>();
        return this.GetTable<TRow>().Where(row => owners.Where(o => o.Domain == domain).Select(o => o.Id).Contains(row.OwnerId));
    }

    /// <summary>The id under which an owner's rows are kept, or null when nothing is.</summary>
    public Task<long?> FindOwnerAsync(BareJid owner, CancellationToken ct)
    {
        var (domain, localpart) = Parts(owner);
        return FindOwner(this, domain, localpart, ct);
    }

    /// <summary>The id under which an owner's rows are kept; gives it one if it has none. For writes.</summary>
    public async ValueTask<long> EnsureOwnerAsync(BareJid owner, CancellationToken ct)
    {
        var (domain, localpart) = Parts(owner);
        return await FindOwner(this, domain, localpart, ct)
            ?? await this.GetTable<OwnerRow>().InsertWithInt64IdentityAsync(() => new OwnerRow { Domain = domain, Localpart = localpart }, ct);
    }

    /// <summary>A domain owns data too (its own vCard, say): its localpart is the empty text, which no account has.</summary>
    private static (string Domain, string Localpart) Parts(BareJid owner) => (owner.Domain, owner.Local ?? "");
}
