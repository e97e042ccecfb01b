using System.Runtime.CompilerServices;
using LinqToDB;
using LinqToDB.Async;
using Meerkat.Core.Storage;
using Meerkat.Modules.LastActivity;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.LastActivity;

/// <summary>Last activities in a SQL database.</summary>
public sealed class SqlLastActivityStore(SqlDatabase database) : ILastActivityStore
{
    /// <inheritdoc/>
    public async ValueTask<LastSeen?> FindAsync(BareJid account, CancellationToken ct)
    {
        var rows = await database.RowsOfAsync<LastActivityRow>(account, ct);
        return rows is [var row] ? row.ToSeen() : null;
    }

    /// <inheritdoc/>
    public async ValueTask SetAsync(BareJid account, LastSeen seen, CancellationToken ct)
    {
        var seconds = seen.Moment.ToUnixTimeSeconds();
        await database.WriteAsync(
            async session =>
            {
                var owner = await session.EnsureOwnerAsync(account, CancellationToken.None);
                var rows = session.GetTable<LastActivityRow>().Where(row => row.OwnerId == owner);
                if (await rows.Select(row => (long?)row.Seconds).FirstOrDefaultAsync(CancellationToken.None) is not { } known)
                {
                    return await session.AddAsync(new LastActivityRow { OwnerId = owner, Seconds = seconds, Status = seen.Status }, CancellationToken.None);
                }

                return known > seconds ? 0 : await rows.Set(row => row.Seconds, seconds).Set(row => row.Status, seen.Status).UpdateAsync(CancellationToken.None);
            },
            ct);
    }

    /// <inheritdoc/>
    public ValueTask<long> CountSinceAsync(string domain, DateTimeOffset moment, CancellationToken ct)
    {
        var seconds = moment.ToUnixTimeSeconds();
        return database.ReadAsync(async session => await session.RowsIn<LastActivityRow>(domain).LongCountAsync(row => row.Seconds >= seconds, ct), ct);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<BareJid>> ListBeforeAsync(string domain, DateTimeOffset moment, CancellationToken ct)
    {
        var seconds = moment.ToUnixTimeSeconds();
        var names = await database.ReadAsync(
            async session => await (
                from o in session.GetTable<OwnerRow>()
                where o.Domain == domain
                join row in session.GetTable<LastActivityRow>() on o.Id equals row.OwnerId
                where row.Seconds < seconds
                orderby o.Localpart
                select o.Localpart).ToListAsync(ct),
            ct);
        var accounts = new List<BareJid>(names.Count);
        foreach (var name in names)
        {
            if (BareJid.TryCreate(name, domain, out var account))
            {
                accounts.Add(account);
            }
        }

        return accounts;
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => await database.RemoveRowsOfAsync<LastActivityRow>(account, ct);

    /// <inheritdoc/>
    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => await database.RemoveRowsInAsync<LastActivityRow>(domain, ct);

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        if (await FindAsync(account, ct) is { } seen)
        {
            yield return LastActivityExport.Section(seen);
        }
    }
}
