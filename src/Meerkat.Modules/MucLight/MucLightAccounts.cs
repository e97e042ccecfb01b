using Meerkat.Core.Hosts;
using Meerkat.Core.Storage;
using Meerkat.Core.Streams;
using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLight;

/// <summary>Accounts and domains that go (MUL-051): an account leaves its rooms, and the others are told; a domain takes its rooms with it.</summary>
internal sealed class MucLightAccounts(MucLightRooms rooms, HostType host) : IAccountData
{
    /// <inheritdoc/>
    public async ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct)
    {
        foreach (var room in await rooms.Store.ListAsync(account, null, ct))
        {
            // Rooms of another host type in the same database have writers of their own.
            if (host.Server.Domains.TryFind(room.Room.Domain, out var domain) && domain.Service is MucLightService service)
            {
                await service.Rooms.AskAsync(room.Room, new LeaveCommand(account, RandomId.Create()), CancellationToken.None);
            }
        }

        await rooms.Store.RemoveAccountAsync(account, ct);
    }

    /// <inheritdoc/>
    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        var service = rooms.Options.Host.Replace("@HOST@", domain, StringComparison.Ordinal);
        if (service != rooms.Options.Host)
        {
            await rooms.Store.RemoveServiceAsync(service, ct); // a service of a fixed name serves other domains too
        }

        await rooms.Store.RemoveDomainAsync(domain, ct);
        rooms.ForgetAllEverywhere();
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, CancellationToken ct) => rooms.Store.ExportAsync(account, ct);
}
