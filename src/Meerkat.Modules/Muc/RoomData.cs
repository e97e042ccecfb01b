using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Rooms as personal data: what is kept of accounts, and with a domain its services' rooms (MUC-068, MUC-105).</summary>
internal sealed class RoomData(RoomHost host) : IAccountData
{
    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => host.Store.RemoveAccountAsync(account, ct);

    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        if (ServiceOf(domain) is { } service)
        {
            await StopAsync(domain, "The domain is removed.", ct);
            await host.Store.RemoveServiceAsync(service, ct);
        }

        await host.Store.RemoveDomainAsync(domain, ct);
    }

    /// <summary>Ends the rooms of a domain's service, on all nodes; what is stored of them stays.</summary>
    public async ValueTask StopAsync(string domain, string reason, CancellationToken ct)
    {
        if (ServiceOf(domain) is { } service)
        {
            foreach (var room in (await host.Rooms.AllAsync(ct)).Where(key => key.EndsWith("@" + service, StringComparison.Ordinal)))
            {
                await host.Rooms.AskAsync(room, new RoomCommand(RoomCommandKind.Stop) { Text = reason }, ct);
            }
        }
    }

    public IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, CancellationToken ct) => host.Store.ExportAsync(account, ct);

    // Null for a service of the whole host type: its rooms are not the domain's.
    private string? ServiceOf(string domain) =>
        host.Options.Host.Contains("@HOST@", StringComparison.Ordinal) && BareJid.TryCreate(null, host.Options.Host.Replace("@HOST@", domain, StringComparison.Ordinal), out var service) ? service.Domain : null;
}
