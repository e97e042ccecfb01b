using System.Data.Common;
using LinqToDB;
using LinqToDB.Data;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql;

/// <summary>A connection while one operation has it: linq2db's tables and queries, and the way from an owner's JID to the rows that are its own.</summary>
/// <remarks>
/// Measured with linq2db 6.5 on SQLite: a query in SQL costs about 10 us; one in LINQ 40 to 60 us; and one in LINQ with a text or a byte array for a parameter 100 to 300 us and 50 KB,
/// compiled or not, because it is optimised anew for the parameter's being null or not. So what runs for every log-in or message is written in SQL that all dialects share,
/// here or in its store, and everything else in LINQ.
/// Not safe for concurrent use. <c>==</c> in a query is SQL's: it holds for no null, so ask for null with a constant. Its transaction belongs to <see cref="SqlDatabase"/>: an operation neither begins nor commits one.
/// </remarks>
public sealed class SqlSession : DataConnection
{
    private readonly SqlDialect _dialect;

    // LikeSql: the columns are compared as SQL compares them; C#'s rules for null would add conditions to the SQL that no index serves.
    internal SqlSession(SqlDialect dialect, DbConnection connection)
        : base(OptionsFor(dialect, connection))
    {
        _dialect = dialect;
        Driver = connection;
    }

    /// <summary>The driver's connection, for what a dialect does by its own means.</summary>
    internal DbConnection Driver { get; }

    /// <summary>Whether a transaction is open that writes: looking up an owner locks it then.</summary>
    internal bool IsWriting { get; set; }

    /// <summary>The rows of one owner, by the id that <see cref="FindOwnerAsync"/> or <see cref="EnsureOwnerAsync"/> gave: a query, to be narrowed, updated or deleted.</summary>
    /// <remarks>To read all rows of an owner, <see cref="OwnedRows.RowsOfAsync"/> is one round trip.</remarks>
    public IQueryable<TRow> RowsOf<TRow>(long ownerId)
        where TRow : class, IOwnedRow =>
        this.GetTable<TRow>().Where(row => row.OwnerId == ownerId);

    /// <summary>The rows of one owner by its name: a query, to be narrowed, read, updated or deleted in the same round trip. No rows when the owner is unknown.</summary>
    /// <remarks>Convenient, and the dearest way (see the remarks of the class): for what is rare.</remarks>
    public IQueryable<TRow> RowsOf<TRow>(BareJid owner)
        where TRow : class, IOwnedRow
    {
        var (domain, localpart) = Names(owner);
        var owners = this.GetTable<OwnerRow>();

        // The id as a scalar, which every database looks up once and seeks by. An EXISTS may be asked for every row of the table.
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
    /// <remarks>In a write, the owner is locked until the transaction ends: whatever the write reads of its rows afterwards stays true.</remarks>
    public async ValueTask<long?> FindOwnerAsync(BareJid owner, CancellationToken ct)
    {
        var found = await this.QueryToListAsync<long>("SELECT id FROM owner WHERE domain = @domain AND localpart = @localpart" + (IsWriting ? _dialect.LockRow : ""), ct, Parts(owner));
        return found is [var id] ? id : null;
    }

    /// <summary>The id under which an owner's rows are kept; gives it one if it has none. For writes: locks the owner as <see cref="FindOwnerAsync"/> does.</summary>
    public async ValueTask<long> EnsureOwnerAsync(BareJid owner, CancellationToken ct)
    {
        while (true)
        {
            if (await FindOwnerAsync(owner, ct) is { } id)
            {
                return id;
            }

            await this.ExecuteAsync(_dialect.AddOwner, ct, Parts(owner)); // another may add it or remove it at the same time: look again
        }
    }

    /// <summary>Locks all owners of a domain, in the order of their names, until the transaction ends.</summary>
    internal Task LockOwnersAsync(string domain, CancellationToken ct) =>
        _dialect.LockRow.Length == 0
            ? Task.CompletedTask
            : this.QueryToListAsync<long>("SELECT id FROM owner WHERE domain = @domain ORDER BY localpart" + _dialect.LockRow, ct, new DataParameter("domain", domain));

    /// <summary>Adds a row. As linq2db's <c>InsertAsync</c>, by a text that is made once.</summary>
    public Task<int> AddAsync<TRow>(TRow row, CancellationToken ct)
        where TRow : class =>
        this.ExecuteAsync(RowText<TRow>.Insert, ct, RowText<TRow>.Values(row));

    /// <summary>All rows of one owner, in one round trip.</summary>
    internal Task<List<TRow>> AllOfAsync<TRow>(BareJid owner, CancellationToken ct)
        where TRow : class, IOwnedRow =>
        this.QueryToListAsync<TRow>(RowText<TRow>.AllOfOwner, ct, Parts(owner));

    private static DataOptions OptionsFor(SqlDialect dialect, DbConnection connection)
    {
        var options = new DataOptions().UseConnection(dialect.ProviderFor(connection), connection, disposeConnection: false).UseCompareNulls(CompareNulls.LikeSql);
        options = dialect.Mapping is { } mapping ? options.UseMappingSchema(mapping) : options;
        return dialect.CreateInterceptor() is { } interceptor ? options.UseInterceptor(interceptor) : options;
    }

    private static DataParameter[] Parts(BareJid owner)
    {
        var (domain, localpart) = Names(owner);
        return [new("domain", domain), new("localpart", localpart)];
    }

    /// <summary>An owner as the table names it. A domain owns data too (its own vCard, say): its localpart is the empty text, which no account has.</summary>
    private static (string Domain, string Localpart) Names(BareJid owner) => (owner.Domain, owner.Local ?? "");
}
