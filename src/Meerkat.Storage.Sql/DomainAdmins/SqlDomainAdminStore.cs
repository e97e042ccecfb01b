using LinqToDB;
using Meerkat.Core.Accounts;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;

namespace Meerkat.Storage.Sql.DomainAdmins;

/// <summary>Administrators of domains in a SQL database.</summary>
public sealed class SqlDomainAdminStore(SqlDatabase database) : IDomainAdminStore
{
    /// <inheritdoc/>
    public async ValueTask<ScramCredentials?> FindAsync(string domain, CancellationToken ct) =>
        (await database.RowsOfAsync<DomainAdminRow>(Owner(domain), ct)).FirstOrDefault() is { } row && ScramCredentials.TryParse(row.PassDetails, out var credentials) ? credentials : null;

    /// <inheritdoc/>
    public async ValueTask SetAsync(string domain, ScramCredentials credentials, CancellationToken ct)
    {
        var (owner, text) = (Owner(domain), credentials.Serialise());
        await database.WriteAsync(
            owner,
            async session =>
            {
                var id = await session.EnsureOwnerAsync(owner, CancellationToken.None);
                return await session.RowsOf<DomainAdminRow>(id).Set(row => row.PassDetails, text).UpdateAsync(CancellationToken.None) > 0
                    || await session.InsertAsync(new DomainAdminRow { OwnerId = id, PassDetails = text }, token: CancellationToken.None) > 0;
            },
            ct);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RemoveAsync(string domain, CancellationToken ct) => await database.RemoveRowsOfAsync<DomainAdminRow>(Owner(domain), ct) > 0;

    private static BareJid Owner(string domain) => BareJid.TryCreate(null, domain, out var owner) ? owner : throw new ArgumentException($"{domain} is no domain.", nameof(domain));
}
