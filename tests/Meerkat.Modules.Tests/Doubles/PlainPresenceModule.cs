using System.Threading.Channels;
using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Doubles;

/// <summary>The least that a module of presence does: a session is available or not, hooks are told, the client gets its presence back, directed presence is routed.</summary>
[Module("test_presence")]
public sealed class PlainPresenceModule : IModule
{
    private readonly Channel<FullJid> _closed = Channel.CreateUnbounded<FullJid>();

    public void Register(IModuleRegistry on)
    {
        on.Hook(PresenceHooks.Sent, PresenceSentSlot.Presence, SentAsync);
        on.Hook(SessionHooks.Closed, SessionSlot.Observe, (closed, _) => new(_closed.Writer.TryWrite(closed.Session.Jid) ? HookResult.Continue : HookResult.Stop));
    }

    /// <summary>Ends a client's stream and waits until its session is closed.</summary>
    public static async Task EndAsync(TestServer server, TestClient client)
    {
        await client.SendAsync("</stream:stream>");
        var closed = ((PlainPresenceModule)server.Host.Modules["test_presence"])._closed.Reader;
        Assert.Equal(client.Jid, (await closed.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(15))).ToString());
    }

    private static async ValueTask<HookResult> SentAsync(PresenceSentContext context, CancellationToken ct)
    {
        var (session, presence) = (context.Session, context.Presence);
        if (presence.To is not null)
        {
            await session.Host.Server.Router.RouteAsync(presence, session, ct);
        }
        else if (presence.Type is PresenceType.Unavailable)
        {
            session.SetUnavailable();
            await session.Host.Hooks.RunAsync(SessionHooks.Unavailable, new SessionUnavailable(session, presence), ct);
            session.Reply(presence.Readdress(session.Jid, session.Jid.Bare));
        }
        else
        {
            var (before, wasAvailable) = (session.Priority, session.Presence is not null);
            session.SetAvailable(presence);
            if (!wasAvailable || (before < 0 && presence.Priority >= 0))
            {
                await session.Host.Hooks.RunAsync(SessionHooks.Available, new SessionAvailable(session, presence, wasAvailable), ct);
            }

            session.Reply(presence.Readdress(session.Jid, session.Jid.Bare));
        }

        return HookResult.Stop;
    }
}
