using LinqToDB;
using LinqToDB.Async;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Owners;

/// <summary>The common part of a store that keeps rows of one table for their owners: forgetting and telling.</summary>
/// <remarks>A store with several tables removes the others' rows by foreign keys that cascade, or by overriding.</remarks>
public abstract class SqlOwnedStore<TRow>(SqlDatabase database) : IAccountData
    where TRow : class, IOwnedRow
{
    /// <summary>Where the rows are.</summary>
    protected SqlDatabase Database { get; } = database;

    /// <inheritdoc/>
    public virtual async ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) =>
        await Database.WriteAsync(async session => await session.RowsOf<TRow>(account).DeleteAsync(CancellationToken.None), ct);

    /// <inheritdoc/>
    public virtual async ValueTask RemoveDomainAsync(string domain, CancellationToken ct) =>
        await Database.WriteAsync(async session => await session.RowsIn<TRow>(domain).DeleteAsync(CancellationToken.None), ct);

    /// <inheritdoc/>
    public abstract IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, CancellationToken ct);

    /// <summary>All rows of one owner, in no order.</summary>
    protected ValueTask<List<TRow>> AllOfAsync(BareJid owner, CancellationToken ct) =>
        Database.ReadAsync(async session => await session.RowsOf<TRow>(owner).ToListAsync(ct), ct);
}
