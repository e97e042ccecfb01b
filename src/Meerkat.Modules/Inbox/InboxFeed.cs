using Meerkat.Core.Accounts;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Inbox;

/// <summary>Puts messages into inboxes: those of one-to-one chats, and those of rooms (INB-010 to INB-018).</summary>
/// <param name="host">The host type.</param>
/// <param name="options">Options.</param>
/// <param name="store">Where inboxes are.</param>
/// <param name="writer">Writes them behind the messages; null writes at once.</param>
/// <param name="log">Told of failures.</param>
internal sealed class InboxFeed(HostType host, InboxOptions options, IInboxStore store, InboxWriter? writer, ILogger log)
{
    private readonly InboxRules _rules = new(options);

    public void Register(IModuleRegistry on)
    {
        on.Hook(MessageHooks.Sent, MessageSlot.Inbox, SentAsync);
        on.Hook(MessageHooks.Received, ReceivedSlot.Inbox, ReceivedAsync);
        if (options.Groupchat.Count > 0)
        {
            on.Hook(RoomHooks.Message, RoomMessageSlot.Inbox, SaidAsync);
            on.Hook(RoomHooks.MemberChanged, RoomMemberSlot.Inbox, MemberChangedAsync);
            on.Hook(RoomHooks.Gone, RoomGoneSlot.Inbox, GoneAsync);
        }
    }

    // INB-011
    private ValueTask<HookResult> SentAsync(MessageContext context, CancellationToken ct)
    {
        var message = context.Message;
        return message.Type is not (MessageType.Normal or MessageType.Chat) || message.To is not { } to || !InboxRules.Counts(message)
            ? new ValueTask<HookResult>(HookResult.Continue)
            : WriteSentAsync(context, to.Bare, ct);
    }

    private async ValueTask<HookResult> WriteSentAsync(MessageContext context, BareJid remote, CancellationToken ct)
    {
        var message = context.Message;
        var time = TimeOf(message);
        if (_rules.ReadId(message) is { } read)
        {
            await ApplyAsync([new(context.Account, remote, new InboxChange(InboxChangeKind.ResetOf, time) { MessageId = read })], ct);
        }
        else if (!Mam.ArchiveRules.HasMarker(message))
        {
            await ApplyAsync([new(context.Account, remote, Write(message, time, InboxChangeKind.Write, 0))], ct);
        }

        return HookResult.Continue;
    }

    private ValueTask<HookResult> ReceivedAsync(MessageContext context, CancellationToken ct)
    {
        var message = context.Message;
        return message.Type is not (MessageType.Normal or MessageType.Chat) || message.Copy is MessageCopy.Further || message.From is not { } from || from.Bare.Equals(context.Account)
            || !InboxRules.Counts(message) || Mam.ArchiveRules.HasMarker(message)
            ? new ValueTask<HookResult>(HookResult.Continue)
            : WriteReceivedAsync(context, from.Bare, ct);
    }

    private async ValueTask<HookResult> WriteReceivedAsync(MessageContext context, BareJid remote, CancellationToken ct)
    {
        if (await ExistsAsync(context.Account, ct))
        {
            var outcomes = await ApplyAsync([new(context.Account, remote, Write(context.Message, TimeOf(context.Message), InboxChangeKind.Increment, 1))], ct);
            context.Unread = outcomes is [{ Entry: { } entry }] ? entry.Unread : null; // INB-017
        }

        return HookResult.Continue;
    }

    // INB-015, INB-016
    private async ValueTask<HookResult> SaidAsync(RoomMessageContext context, CancellationToken ct)
    {
        var message = context.Message;
        if (context.IsNotice || message.IsError || !IsWanted(context.Room.Kind) || !InboxRules.Counts(message))
        {
            return HookResult.Continue;
        }

        var room = context.Room.Jid;
        var sender = context.Sender?.Bare;
        var time = TimeOf(message);
        var tasks = new List<InboxTask>();
        if (Mam.ArchiveRules.HasMarker(message))
        {
            if (_rules.ReadId(message) is { } read && sender is not null && IsOf(context.Room.Kind, room, sender))
            {
                tasks.Add(new(sender, room, new InboxChange(InboxChangeKind.ResetOf, time) { MessageId = read }));
            }
        }
        else
        {
            var content = InboxRules.Content(message);
            foreach (var member in await context.Room.MembersAsync(ct))
            {
                if (IsOf(context.Room.Kind, room, member))
                {
                    var isOwn = member.Equals(sender);
                    tasks.Add(new(member, room, new InboxChange(isOwn ? InboxChangeKind.Write : InboxChangeKind.Increment, time)
                    {
                        MessageId = message.Id ?? "",
                        Content = content,
                        Count = isOwn ? 0 : 1,
                    }));
                }
            }
        }

        if (tasks.Count > 0)
        {
            await ApplyAsync(tasks, ct);
        }

        return HookResult.Continue;
    }

    // INB-015: those about the account itself.
    private async ValueTask<HookResult> MemberChangedAsync(RoomMemberChange change, CancellationToken ct)
    {
        if (!IsWanted(change.Room.Kind) || !IsOf(change.Room.Kind, change.Room.Jid, change.Account))
        {
            return HookResult.Continue;
        }

        var tasks = new List<InboxTask>();
        if (options.AffChanges && change.Notice is { } notice)
        {
            tasks.Add(new(change.Account, change.Room.Jid, Write(notice, TimeOf(notice), InboxChangeKind.Increment, 1)));
        }

        if (options.RemoveOnKicked && change.Change is RoomMembership.Removed)
        {
            tasks.Add(new(change.Account, change.Room.Jid, new InboxChange(InboxChangeKind.Remove, Now())));
        }

        if (tasks.Count > 0)
        {
            await ApplyAsync(tasks, ct);
        }

        return HookResult.Continue;
    }

    private async ValueTask<HookResult> GoneAsync(RoomGone gone, CancellationToken ct)
    {
        if (options.RemoveOnKicked && IsWanted(gone.Kind))
        {
            InboxTask[] tasks = [.. gone.Members.Where(member => IsOf(gone.Kind, gone.Room, member)).Select(member => new InboxTask(member, gone.Room, new InboxChange(InboxChangeKind.Remove, Now())))];
            if (tasks.Length > 0)
            {
                await ApplyAsync(tasks, ct);
            }
        }

        return HookResult.Continue;
    }

    // A message goes on whatever becomes of its entry.
    private async ValueTask<IReadOnlyList<InboxOutcome>> ApplyAsync(IReadOnlyList<InboxTask> tasks, CancellationToken ct)
    {
        IReadOnlyList<InboxOutcome> outcomes;
        try
        {
            if (writer is not null)
            {
                await TellBeforeAsync(tasks, ct);
                await writer.AddAsync(tasks, ct);
                return [];
            }

            outcomes = await store.ApplyAsync(tasks, ct);
            InboxMetrics.Written(tasks.Count);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            InboxMetrics.Failed(tasks.Count);
            InboxLog.NotWritten(log, failure, tasks.Count);
            return [];
        }

        for (var i = 0; i < outcomes.Count; i++)
        {
            if (outcomes[i].IsBack)
            {
                await InboxUpdate.SendAsync(host.Server, tasks[i].Owner, outcomes[i].Entry!, null, null, tasks[i].Change.Kind is InboxChangeKind.Write, ct);
            }
        }

        return outcomes;
    }

    // INB-018: behind the queue nobody knows any more what was there.
    private async ValueTask TellBeforeAsync(IReadOnlyList<InboxTask> tasks, CancellationToken ct)
    {
        foreach (var task in tasks)
        {
            if (task.Change.Kind is InboxChangeKind.Write or InboxChangeKind.Increment && await store.FindAsync(task.Owner, task.Remote, ct) is { Box: InboxBox.Archive } entry)
            {
                await InboxUpdate.SendAsync(host.Server, task.Owner, entry with { Box = InboxBox.Inbox }, null, null, task.Change.Kind is InboxChangeKind.Write, ct);
            }
        }
    }

    private static InboxChange Write(Message message, long time, InboxChangeKind kind, int count) =>
        new(kind, time) { MessageId = message.Id ?? "", Content = InboxRules.Content(message), Count = count };

    // The message's own moment, which no other has.
    private long TimeOf(Message message) => message.StableId != 0 ? message.StableId >> 8 : Now();

    private long Now() => host.Server.StanzaIds.Next().Value >> 8;

    private bool IsWanted(RoomKind kind) => options.Groupchat.Contains(kind is RoomKind.Muc ? InboxGroupchat.Muc : InboxGroupchat.Muclight);

    // INB-016: a room of MUC is a conversation of accounts of the domain whose service it is on, not of others that share the host type; a service of the whole host type is that of all.
    private bool IsOf(RoomKind kind, BareJid room, BareJid account) =>
        IsLocal(account) && (kind is not RoomKind.Muc || !host.Server.Domains.TryFind(room.Domain, out var service) || service.Parent is not { } parent || parent.Domain == account.Domain);

    private bool IsLocal(BareJid account) => host.Server.Domains.TryFindAccounts(account.Domain, out var domain) && domain.Host == host;

    private async ValueTask<bool> ExistsAsync(BareJid account, CancellationToken ct) =>
        (await host.Server.Sessions.FindAsync(account, ct)).Count > 0 || await host.Auth.StoredExistsAsync(account, ct) is Existence.Yes;
}

/// <summary>Tells an account's clients how a conversation stands now (INB-018, INB-033).</summary>
internal static class InboxUpdate
{
    /// <summary>Sends the properties to all of the account's sessions; it is kept nowhere.</summary>
    /// <param name="server">The server.</param>
    /// <param name="owner">The account.</param>
    /// <param name="entry">The conversation.</param>
    /// <param name="id">Id of the message; null for a fresh one.</param>
    /// <param name="queryId">Id of the request that it follows; null for none.</param>
    /// <param name="isRead">What it says of that; null: what the entry says.</param>
    /// <param name="ct">Cancels the wait.</param>
    public static async ValueTask SendAsync(ServerContext server, BareJid owner, InboxEntry entry, string? id, string? queryId, bool? isRead, CancellationToken ct)
    {
        var x = new XmlBuilder("x", Ns.InboxConversation).Attribute("jid", entry.Remote.ToString()).Attribute("queryid", queryId);
        InboxRules.AddProperties(x, entry, isRead ?? entry.Unread == 0, server.Time.GetUtcNow());
        var update = Message.Create(MessageType.Normal, owner, owner, id ?? Guid.NewGuid().ToString(), x.Build());
        foreach (var session in await server.Sessions.FindAsync(owner, ct))
        {
            if (session.Presence is not null)
            {
                session.Deliver(update);
            }
        }
    }
}
