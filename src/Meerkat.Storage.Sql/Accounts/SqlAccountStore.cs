using System.Runtime.CompilerServices;
using LinqToDB;
using LinqToDB.Async;
using Meerkat.Core.Accounts;
using Meerkat.Core.Storage;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Meerkat.Storage.Sql.Accounts;

/// <summary>Accounts in a SQL database: those of the method <c>internal</c> on the embedded one, those of <c>rdbms</c> on the configured pool.</summary>
public sealed class SqlAccountStore(SqlDatabase database, TimeProvider? time = null, ILogger<SqlAccountStore>? logger = null) : IAccountStore
{
    /// <summary>Behind every localpart that begins with a prefix, in UTF-8's order: a noncharacter, which no localpart holds (RFC 3454 C.4).</summary>
    private const string Last = "\U0010FFFF";

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ILogger _logger = logger ?? NullLogger<SqlAccountStore>.Instance;

    /// <inheritdoc/>
    public async ValueTask<AccountPassword?> FindPasswordAsync(BareJid account, CancellationToken ct)
    {
        if (await FindAsync(account, ct) is not { } row)
        {
            return null;
        }

        var password = AccountPassword.FromStored(row.Password, row.PassDetails);
        if (password is null)
        {
            AccountLog.Corrupted(_logger, account.ToString());
        }

        return password;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> ExistsAsync(BareJid account, CancellationToken ct) => await FindAsync(account, ct) is not null;

    /// <inheritdoc/>
    public ValueTask<bool> CreateAsync(BareJid account, AccountPassword password, CancellationToken ct)
    {
        var (plain, details) = AccountRow.From(password);
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        return database.InsertOnceAsync(
            account,
            async session => new AccountRow { OwnerId = await session.EnsureOwnerAsync(account, CancellationToken.None), Password = plain, PassDetails = details, CreatedAt = now }, ct);
    }

    /// <inheritdoc/>
    public ValueTask<bool> SetPasswordAsync(BareJid account, AccountPassword password, CancellationToken ct)
    {
        var (plain, details) = AccountRow.From(password);
        return database.WriteAsync(
            account,
            async session =>
                await session.FindOwnerAsync(account, CancellationToken.None) is { } id
                && await session.RowsOf<AccountRow>(id).Set(a => a.Password, plain).Set(a => a.PassDetails, details).UpdateAsync(CancellationToken.None) > 0,
            ct);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RemoveAsync(BareJid account, CancellationToken ct) => await database.RemoveRowsOfAsync<AccountRow>(account, ct) > 0;

    /// <inheritdoc/>
    public async ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => await database.RemoveRowsOfAsync<AccountRow>(account, ct);

    /// <inheritdoc/>
    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => await database.RemoveRowsInAsync<AccountRow>(domain, ct);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Account>> ListAsync(string domain, AccountListing listing, CancellationToken ct)
    {
        var rows = await database.ReadAsync(
            async session =>
            {
                var accounts =
                    from o in session.GetTable<OwnerRow>()
                    where o.Domain == domain
                    join a in session.GetTable<AccountRow>() on o.Id equals a.OwnerId
                    select new { o.Localpart, a.CreatedAt };
                if (listing.Prefix is { Length: > 0 } prefix)
                {
                    // A range, not LIKE: that would fold case on SQLite, and its wildcards would have to be escaped.
                    var end = prefix + Last;
                    accounts = accounts.Where(a => string.CompareOrdinal(a.Localpart, prefix) >= 0 && string.CompareOrdinal(a.Localpart, end) < 0);
                }

                return await accounts.OrderBy(a => a.Localpart).Skip(listing.Offset).Take(listing.Limit ?? int.MaxValue).ToListAsync(ct);
            },
            ct);
        return [.. rows.Select(r => new Account(Jid(r.Localpart, domain), DateTimeOffset.FromUnixTimeMilliseconds(r.CreatedAt)))];
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Account>> ListCreatedAsync(string domain, DateTimeOffset until, Account? after, int limit, CancellationToken ct)
    {
        var last = until.ToUnixTimeMilliseconds();
        var rows = await database.ReadAsync(
            async session =>
            {
                var accounts =
                    from o in session.GetTable<OwnerRow>()
                    where o.Domain == domain
                    join a in session.GetTable<AccountRow>() on o.Id equals a.OwnerId
                    where a.CreatedAt <= last
                    select new { o.Localpart, a.CreatedAt };
                if (after is not null)
                {
                    var (name, created) = (after.Jid.Local!, after.CreatedAt.ToUnixTimeMilliseconds());
                    accounts = accounts.Where(a => a.CreatedAt > created || (a.CreatedAt == created && string.CompareOrdinal(a.Localpart, name) > 0));
                }

                return await accounts.OrderBy(a => a.CreatedAt).ThenBy(a => a.Localpart).Take(limit).ToListAsync(ct);
            },
            ct);
        return [.. rows.Select(r => new Account(Jid(r.Localpart, domain), DateTimeOffset.FromUnixTimeMilliseconds(r.CreatedAt)))];
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryReplacePlainAsync(BareJid account, string plain, AccountPassword password, CancellationToken ct)
    {
        var (newPlain, details) = AccountRow.From(password);
        return database.WriteAsync(
            account,
            async session =>
                await session.FindOwnerAsync(account, CancellationToken.None) is { } id
                && await session.RowsOf<AccountRow>(id).Where(a => a.PassDetails == null && a.Password == plain)
                    .Set(a => a.Password, newPlain).Set(a => a.PassDetails, details).UpdateAsync(CancellationToken.None) > 0,
            ct);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<AccountPassword>> SampleAsync(int limit, CancellationToken ct)
    {
        var rows = await database.ReadAsync(
            async session =>
            {
                var old = await session.GetTable<AccountRow>().OrderBy(a => a.OwnerId).Take(limit / 2).ToListAsync(ct);
                var last = old.Count == 0 ? 0 : old[^1].OwnerId;
                return old.Concat(await session.GetTable<AccountRow>().Where(a => a.OwnerId > last).OrderByDescending(a => a.OwnerId).Take(limit - (limit / 2)).ToListAsync(ct)).ToArray();
            },
            ct);
        return [.. rows.Select(row => AccountPassword.FromStored(row.Password, row.PassDetails)).OfType<AccountPassword>()];
    }

    /// <inheritdoc/>
    public ValueTask<long> CountAsync(string domain, CancellationToken ct) =>
        database.ReadAsync(async session => await session.RowsIn<AccountRow>(domain).LongCountAsync(ct), ct);

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        if (await FindAsync(account, ct) is { } row)
        {
            yield return AccountExport.Section(new Account(account, DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt)));
        }
    }

    private async ValueTask<AccountRow?> FindAsync(BareJid account, CancellationToken ct) => (await database.RowsOfAsync<AccountRow>(account, ct)).FirstOrDefault();

    private static BareJid Jid(string localpart, string domain) =>
        BareJid.TryCreate(localpart, domain, out var jid) ? jid : throw new InvalidOperationException($"The account table holds a name that is no JID: {localpart}@{domain}");
}
