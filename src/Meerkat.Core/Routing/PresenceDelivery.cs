using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp;

namespace Meerkat.Core.Routing;

/// <summary>Delivery of presences to local accounts (CORE-143 to CORE-145, CORE-165).</summary>
internal sealed class PresenceDelivery(ServerContext server)
{
    public async ValueTask DeliverAsync(Presence presence, HostType host, CancellationToken ct)
    {
        if (presence.Type is PresenceType.Invalid)
        {
            await server.Router.ReplyErrorAsync(presence, StanzaError.BadRequest("Invalid presence type"), ct);
            return;
        }

        if (!host.Hooks.IsEmpty(PresenceHooks.Received))
        {
            var context = new PresenceReceivedContext(host, presence.To!.Bare, presence);
            if (await host.Hooks.RunAsync(PresenceHooks.Received, context, ct) is HookResult.Stop)
            {
                return;
            }

            presence = context.Presence;
        }

        if (presence.To is FullJid full)
        {
            (await server.Sessions.FindAsync(full, ct))?.Deliver(presence);
            return;
        }

        // CORE-165: sessions that never sent presence get none.
        foreach (var session in await server.Sessions.FindAsync(presence.To!.Bare, ct))
        {
            if (session.Presence is not null)
            {
                session.Deliver(presence);
            }
        }
    }
}
