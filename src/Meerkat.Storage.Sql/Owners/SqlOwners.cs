using LinqToDB;
using Meerkat.Core.Storage;
using Meerkat.Storage.Sql.Accounts;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Owners;

/// <summary>The owners themselves, as data that goes with its account: removing an owner removes every row that points to it, in one transaction.</summary>
/// <remarks>
/// The host adds it behind the features' stores for each database in use. A feature that is no longer configured, and so is asked nothing, leaves no data behind this way.
/// An owner whose account is in this database stays: its account was registered anew meanwhile, or is to outlive its domain (AUTH-046).
/// </remarks>
public sealed class SqlOwners(SqlDatabase database) : IAccountData
{
    /// <inheritdoc/>
    public async ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct)
    {
        // Locked first: an account that is registered at this moment is there before it is looked for, or its owner is made anew.
        await database.WriteAsync(
            account,
            async session => await session.FindOwnerAsync(account, CancellationToken.None) is { } id ? await Abandoned(session).Where(o => o.Id == id).DeleteAsync(CancellationToken.None) : 0,
            ct);
    }

    /// <inheritdoc/>
    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct) =>
        await database.WriteAsync(
            async session =>
            {
                await session.LockOwnersAsync(domain, CancellationToken.None);
                return await Abandoned(session).Where(o => o.Domain == domain).DeleteAsync(CancellationToken.None);
            },
            ct);

    /// <summary>None: that an account exists is for the account store to tell.</summary>
    public IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, CancellationToken ct) => AsyncEnumerable.Empty<PersonalDataSection>();

    private static IQueryable<OwnerRow> Abandoned(SqlSession session)
    {
        var accounts = session.GetTable<AccountRow>();
        return session.GetTable<OwnerRow>().Where(o => !accounts.Any(a => a.OwnerId == o.Id));
    }
}
