using System.Data.Common;
using LinqToDB;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Owners;

/// <summary>What nearly every store does with the rows of its owners, a line each.</summary>
public static class OwnedRows
{
    /// <summary>All rows of one owner, in no order, in one round trip.</summary>
    public static ValueTask<List<TRow>> RowsOfAsync<TRow>(this SqlDatabase database, BareJid owner, CancellationToken ct)
        where TRow : class, IOwnedRow =>
        database.ReadAsync(async session => await session.AllOfAsync<TRow>(owner, ct), ct);

    /// <summary>Removes the rows of one owner.</summary>
    /// <returns>How many there were.</returns>
    public static ValueTask<int> RemoveRowsOfAsync<TRow>(this SqlDatabase database, BareJid owner, CancellationToken ct)
        where TRow : class, IOwnedRow =>
        database.WriteAsync(
            owner,
            async session => await session.FindOwnerAsync(owner, CancellationToken.None) is { } id ? await session.RowsOf<TRow>(id).DeleteAsync(CancellationToken.None) : 0,
            ct);

    /// <summary>Removes the rows of all owners of a domain.</summary>
    /// <returns>How many there were.</returns>
    public static ValueTask<int> RemoveRowsInAsync<TRow>(this SqlDatabase database, string domain, CancellationToken ct)
        where TRow : class, IOwnedRow =>
        database.WriteAsync(async session => await session.RowsIn<TRow>(domain).DeleteAsync(CancellationToken.None), ct);

    /// <summary>Adds a row unless there is one with its key.</summary>
    /// <param name="database">Where.</param>
    /// <param name="owner">Whose row it is.</param>
    /// <param name="row">Makes the row, in the transaction, so that it may ask for its owner's id.</param>
    /// <param name="ct">Gives up waiting in line.</param>
    /// <returns>Whether it was added.</returns>
    public static async ValueTask<bool> InsertOnceAsync<TRow>(this SqlDatabase database, BareJid owner, Func<SqlSession, ValueTask<TRow>> row, CancellationToken ct)
        where TRow : class, IOwnedRow
    {
        try
        {
            return await database.WriteAsync(owner, async session => await session.AddAsync(await row(session), CancellationToken.None) > 0, ct);
        }
        catch (DbException e) when (database.Dialect.IsDuplicate(e))
        {
            return false; // outside of the transaction, which the failure has ended on some databases
        }
    }
}
