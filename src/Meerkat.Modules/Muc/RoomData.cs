using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Rooms as personal data: what is kept of accounts, and with a domain its services' rooms (MUC-068, MUC-105).</summary>
internal sealed class RoomData(RoomHost host) : IAccountData
{
    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => host.Store.RemoveAccountAsync(account, ct);

    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        var service = host.Options.Host.Replace("@HOST@", domain, StringComparison.Ordinal);
        if (service != host.Options.Host)
        {
            foreach (var room in host.Rooms.Local.Where(key => key.EndsWith("@" + service, StringComparison.Ordinal)).ToArray())
            {
                await host.Rooms.AskAsync(room, new RoomCommand(RoomCommandKind.Stop) { Text = "The domain is removed." }, ct);
            }

            await host.Store.RemoveServiceAsync(service, ct);
        }

        await host.Store.RemoveDomainAsync(domain, ct);
    }

    public IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, CancellationToken ct) => host.Store.ExportAsync(account, ct);
}
