using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.MucLight;

/// <summary>Sends what a room says to its occupants' bare addresses, whether they are there or not: archives, inboxes, offline storage and events are on that road (MUL-011, MUL-012).</summary>
internal sealed class RoomBroadcast(HostType host, ILogger log)
{
    /// <summary>Sends a message of an occupant to all. It is serialised once: the copies differ in their recipient.</summary>
    /// <param name="room">The room.</param>
    /// <param name="message">The message, from the occupant's address in the room.</param>
    /// <param name="sender">The sender's real address.</param>
    /// <param name="origin">The local session that sent it; null when it came from elsewhere.</param>
    /// <param name="ct">Cancels waits before the first copy.</param>
    public async ValueTask SayAsync(MucLightRoom room, Message message, Jid sender, Session? origin, CancellationToken ct)
    {
        if (!host.Hooks.IsEmpty(RoomHooks.Message))
        {
            var context = new RoomMessageContext(host, new MucLightView(room), message, sender, origin)
            {
                Affiliation = new MucLightOccupant(sender.Bare, room.Occupants.Find(sender.Bare)).Word,
            };
            if (await host.Hooks.RunAsync(RoomHooks.Message, context, ct) is HookResult.Stop)
            {
                return;
            }

            message = context.Message;
        }

        MucLightMetrics.Said(room.Occupants.Count);
        await SendAsync(room.Jid, room.Occupants.Select(occupant => (Stanza)message.Readdress(message.From, occupant.Jid)));
    }

    /// <summary>Tells of a change that is stored: to the archive first, then to all whom it concerns (MUL-050, MUL-051).</summary>
    /// <param name="room">The room after the change, or before it where it is gone.</param>
    /// <param name="notices">What is told.</param>
    /// <param name="changes">Who became what; none where the change was another one.</param>
    public async ValueTask TellAsync(MucLightRoom room, RoomNotices notices, IReadOnlyList<MucLightOccupant> changes)
    {
        var stanzas = notices.Stanzas;
        if (notices.Archived is { } archived && !host.Hooks.IsEmpty(RoomHooks.Message))
        {
            var context = new RoomMessageContext(host, new MucLightView(room), archived, null, null) { IsNotice = true };
            await host.Hooks.RunAsync(RoomHooks.Message, context, CancellationToken.None);
            if (context.Message.Appended is { } appended)
            {
                stanzas = stanzas.Select(stanza => stanza is Message { Type: MessageType.Groupchat } message
                    ? message.WithStableId(context.Message.StableId).Append(appended.Element)
                    : stanza);
            }
        }

        if (changes.Count > 0 && !host.Hooks.IsEmpty(RoomHooks.MemberChanged))
        {
            var told = stanzas.ToArray();
            stanzas = told;
            await TellHooksAsync(room, told, changes);
        }

        await SendAsync(room.Jid, stanzas);
    }

    /// <summary>Tells archives and inboxes that a room is gone.</summary>
    /// <param name="room">The room as it was.</param>
    public async ValueTask GoneAsync(MucLightRoom room) =>
        await host.Hooks.RunAsync(RoomHooks.Gone, new RoomGone(host, room.Jid, RoomKind.MucLight, MucLightView.Members(room)), CancellationToken.None);

    private async ValueTask TellHooksAsync(MucLightRoom room, Stanza[] told, IReadOnlyList<MucLightOccupant> changes)
    {
        var notices = told.OfType<Message>().DistinctBy(message => message.To).ToDictionary(message => message.To!.Bare);
        var view = new MucLightView(room);
        foreach (var change in changes)
        {
            var membership = change.Affiliation switch
            {
                MucLightAffiliation.Owner => RoomMembership.MadeOwner,
                MucLightAffiliation.Member => RoomMembership.Added,
                _ => RoomMembership.Removed,
            };
            await host.Hooks.RunAsync(RoomHooks.MemberChanged, new RoomMemberChange(host, view, change.Jid, membership, notices.GetValueOrDefault(change.Jid)), CancellationToken.None);
        }
    }

    // Those that wait (a store, say) wait together; the room goes on when all are done, so that each occupant gets everything in order.
    private async ValueTask SendAsync(BareJid room, IEnumerable<Stanza> stanzas)
    {
        List<Task>? waiting = null;
        foreach (var stanza in stanzas)
        {
            var sending = SendAsync(room, stanza);
            if (!sending.IsCompletedSuccessfully)
            {
                (waiting ??= []).Add(sending.AsTask());
            }
        }

        if (waiting is not null)
        {
            await Task.WhenAll(waiting);
        }
    }

    // One that fails does not cost the others theirs.
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one copy: it is logged.")]
    private async ValueTask SendAsync(BareJid room, Stanza stanza)
    {
        try
        {
            await host.Server.Router.RouteAsync(stanza, CancellationToken.None);
        }
        catch (Exception failure)
        {
            MucLightLog.NotDelivered(log, failure, room, stanza.Kind, stanza.To);
        }
    }
}
