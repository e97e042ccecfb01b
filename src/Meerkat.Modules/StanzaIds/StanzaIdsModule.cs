using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.StanzaIds;

/// <summary>Unique and Stable Stanza IDs: every message has one id that recipients and archives share, and nobody else can give one in our name.</summary>
/// <remarks>XEP-0359 v0.7, SID-001 to SID-003. The id is <see cref="Message.StableId"/> on the road, and an element only where a recipient sees it.</remarks>
[Module("mod_stanzaid"), Xep(359, "0.7.0")]
[Announces(Announcer.Server | Announcer.Account, Ns.StanzaIds)]
public sealed class StanzaIdsModule(Core.Hosts.ServerContext server) : IModule, IStableIds
{
    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        on.Feature(Ns.StanzaIds);
        on.AccountFeature(Ns.StanzaIds);
        on.Offer<IStableIds>(this);
        on.Hook(MessageHooks.Sent, MessageSlot.StanzaId, AssignAsync);
        on.Hook(MessageHooks.Received, ReceivedSlot.StanzaId, MarkAsync);
    }

    private ValueTask<HookResult> AssignAsync(MessageContext context, CancellationToken ct)
    {
        if (!context.Message.IsError)
        {
            context.Message = WithoutOwn(context.Message, context.Account).WithStableId(server.StanzaIds.Next().Value);
        }

        return new ValueTask<HookResult>(HookResult.Continue);
    }

    private ValueTask<HookResult> MarkAsync(MessageContext context, CancellationToken ct)
    {
        // What a room says has the room's id; the account's archive does not keep it, and a copy for each occupant is made a thousand times.
        if (context.Message.Type is MessageType.Groupchat && context.Message.To is FullJid)
        {
            return new ValueTask<HookResult>(HookResult.Continue);
        }

        var message = WithoutOwn(context.Message, context.Account);
        if (!message.IsError)
        {
            if (message.StableId == 0)
            {
                message = message.WithStableId(server.StanzaIds.Next().Value);
            }

            message = message.Append(new StanzaId(message.StableId).ToElement(context.Account));
        }

        context.Message = message;
        return new ValueTask<HookResult>(HookResult.Continue);
    }

    // XEP-0359 §6: an id in the account's name that came from outside is a lie.
    private static Message WithoutOwn(Message message, BareJid account) =>
        message.Element.Child("stanza-id", Ns.StanzaIds) is null ? message : message.WithElement(message.Element.Without(child => IsOwn(child, account)));

    private static bool IsOwn(XmlElement child, BareJid account) =>
        child.Is("stanza-id", Ns.StanzaIds) && Jid.TryParse(child.Attribute("by"), out var by) && by.Bare.Equals(account);
}
