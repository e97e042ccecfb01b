using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Meerkat.Core.Sessions;
using Meerkat.Modules.Mam;
using Meerkat.Modules.SmartMarkers;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.OfflineChatMarkers;

/// <summary>Chat markers for who is away: not each of them waits as a message; at the next log-in the account is told how its conversations stand.</summary>
/// <remarks>OCM-001, OCM-002. The markers themselves are those of <c>mod_smart_markers</c>.</remarks>
[Module("mod_offline_chatmarkers", Options = typeof(OfflineChatMarkersOptions)), Needs("mod_smart_markers")]
public sealed class OfflineChatMarkersModule(OfflineChatMarkersOptions options, IOfflineMarkerStore store, ISmartMarkers markers) : IModule
{
    /// <summary>How many conversations of an account are remembered. Threads are the senders' to choose: without a bound they would go past that of offline messages.</summary>
    internal const int MaxConversations = 200;

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        on.Hook(MessageHooks.Offline, OfflineSlot.ChatMarkers, (context, ct) => KeepAsync(context, null, ct));
        if (options.StoreGroupchatMessages)
        {
            on.Hook(MessageHooks.OfflineGroupchat, OfflineSlot.ChatMarkers, (context, ct) => KeepAsync(context, context.Message.From?.Bare, ct));
        }

        on.Hook(SessionHooks.Available, SessionSlot.ChatMarkers, DeliverAsync);
        on.OwnsData(store);
    }

    private ValueTask<HookResult> KeepAsync(MessageContext context, BareJid? room, CancellationToken ct) =>
        ArchiveRules.HasMarker(context.Message) ? KeepMarkerAsync(context, room, ct) : new ValueTask<HookResult>(HookResult.Continue);

    // OCM-001: a marker that the other module has not kept is a message like any other, and so is one of too many conversations.
    private async ValueTask<HookResult> KeepMarkerAsync(MessageContext context, BareJid? room, CancellationToken ct)
    {
        var thread = context.Message.Element.ChildText("thread") ?? "";
        var known = await markers.FindAllAsync(room ?? context.Account, thread, 0, ct);
        var since = long.MaxValue;
        foreach (var child in context.Message.Element.Children)
        {
            foreach (var marker in known)
            {
                if (ArchiveRules.IsMarker(child) && child.Attribute("id") == marker.MessageId && (room is not null || marker.From.Equals(context.Message.From?.Bare)))
                {
                    since = Math.Min(since, marker.Timestamp);
                }
            }
        }

        if (since == long.MaxValue)
        {
            return HookResult.Continue;
        }

        return await store.AddAsync(context.Account, new MissedMarkers(room, thread, since), MaxConversations, ct) ? HookResult.Stop : HookResult.Continue;
    }

    // OCM-002
    private async ValueTask<HookResult> DeliverAsync(SessionAvailable available, CancellationToken ct)
    {
        var session = available.Session;
        if (session.Priority is not >= 0 || await store.ListAsync(session.Jid.Bare, ct) is not { Count: > 0 } missed)
        {
            return HookResult.Continue;
        }

        foreach (var conversation in missed)
        {
            foreach (var marker in await markers.FindAllAsync(conversation.Room ?? session.Jid.Bare, conversation.Thread, conversation.Since, ct))
            {
                session.Deliver(ToMessage(marker, conversation, session));
            }
        }

        await store.RemoveAccountAsync(session.Jid.Bare, ct);
        return HookResult.Continue;
    }

    private static Message ToMessage(SmartMarker marker, MissedMarkers conversation, Session session)
    {
        var from = conversation.Room is { } room ? room.WithResource(marker.From.ToString()) : (Jid)marker.From;
        var element = new XmlBuilder(SmartMarker.NameOf(marker.Type), Ns.ChatMarkers).Attribute("id", marker.MessageId).Build();
        XmlElement[] children = marker.Thread.Length == 0 ? [element] : [element, new XmlBuilder("thread", Ns.Client).Text(marker.Thread).Build()];
        return Message.Create(conversation.Room is null ? MessageType.Chat : MessageType.Groupchat, from, session.Jid.Bare, Guid.NewGuid().ToString(), children);
    }
}
