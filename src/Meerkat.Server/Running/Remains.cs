using Meerkat.Core.Storage;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;

namespace Meerkat.Server.Running;

/// <summary>What is left of an account or a domain in the databases of a host type once all modules have forgotten it: rows of modules that are not configured any more.</summary>
/// <param name="databases">The databases.</param>
/// <param name="hostType">The host type.</param>
internal sealed class Remains(Databases databases, string hostType) : IAccountData
{
    /// <inheritdoc/>
    public async ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct)
    {
        foreach (var database in databases.InUseBy(hostType))
        {
            await new SqlOwners(database).RemoveAccountAsync(account, ct);
        }
    }

    /// <inheritdoc/>
    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        foreach (var database in databases.InUseBy(hostType))
        {
            await new SqlOwners(database).RemoveDomainAsync(domain, ct);
        }
    }

    /// <summary>None: only a module can say what its rows mean.</summary>
    public IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, CancellationToken ct) => AsyncEnumerable.Empty<PersonalDataSection>();
}
