using Meerkat.Core.Accounts;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Mam;

/// <summary>Archives what accounts send and receive (MAM-010 to MAM-018).</summary>
/// <remarks>On the road of every message: without preferences and re-sent messages it goes through without waiting.</remarks>
/// <param name="host">The host type.</param>
/// <param name="options">Options of the archives of accounts.</param>
/// <param name="settings">What holds for them.</param>
/// <param name="store">Where they are.</param>
/// <param name="writer">Writes them.</param>
/// <param name="preferences">What accounts want archived; null where nobody can say so.</param>
/// <param name="hasStableIds">Whether every message has its id before it comes here (<c>mod_stanzaid</c>).</param>
internal sealed class AccountArchive(
    HostType host, MamPmOptions options, ArchiveSettings settings, IArchiveStore store, ArchiveWriter writer, ArchivePreferenceCache? preferences, bool hasStableIds)
{
    private readonly bool _sharesIds = hasStableIds || options.SameMamIdForPeers;
    private readonly bool _marks = hasStableIds || !settings.HidesIds;

    public void Register(IModuleRegistry on)
    {
        on.Hook(MessageHooks.Sent, MessageSlot.Archive, SentAsync);
        on.Hook(MessageHooks.Received, ReceivedSlot.Archive, ReceivedAsync);
    }

    // MAM-012: before routing.
    private ValueTask<HookResult> SentAsync(MessageContext context, CancellationToken ct)
    {
        var message = context.Message;
        if (message.Type is not (MessageType.Normal or MessageType.Chat) || message.To is not { } to || !ArchiveRules.IsArchivable(message, settings.ArchivesMarkers))
        {
            return new ValueTask<HookResult>(HookResult.Continue);
        }

        var originId = ArchiveRules.OriginId(message);
        return preferences is not null || Resending.IsPossible(context.Origin, originId)
            ? SentLaterAsync(context, to, originId, ct)
            : ArchiveAsync(context, to, isOutgoing: true, originId, ct);
    }

    private async ValueTask<HookResult> SentLaterAsync(MessageContext context, Jid to, string? originId, CancellationToken ct)
    {
        if (preferences is not null && !await preferences.WantsAsync(context.Account, to, isRoom: false, ct))
        {
            return HookResult.Continue;
        }

        if (await FindSentAsync(context, to, isOutgoing: true, originId, ct) is { } known)
        {
            context.Message = context.Message.WithStableId(known);
            return HookResult.Continue;
        }

        return await ArchiveAsync(context, to, isOutgoing: true, originId, ct);
    }

    private ValueTask<HookResult> ReceivedAsync(MessageContext context, CancellationToken ct)
    {
        var message = context.Message;
        var isWanted = message.Type is MessageType.Normal or MessageType.Chat || (message.Type is MessageType.Groupchat && options.ArchiveGroupchats);
        if (!isWanted || message.From is not { } from || from.Bare.Equals(context.Account) || !ArchiveRules.IsArchivable(message, settings.ArchivesMarkers))
        {
            return new ValueTask<HookResult>(hasStableIds ? HookResult.Continue : WithoutForgedIds(context));
        }

        var originId = ArchiveRules.OriginId(message);
        if (preferences is null && !Resending.IsPossible(context.Origin, originId))
        {
            var sessions = host.Server.Sessions.FindAsync(context.Account, ct);
            if (sessions.IsCompletedSuccessfully && sessions.Result.Count > 0) // who is bound exists
            {
                return ArchiveAsync(context, from, isOutgoing: false, originId, ct);
            }
        }

        return ReceivedLaterAsync(context, from, originId, ct);
    }

    private async ValueTask<HookResult> ReceivedLaterAsync(MessageContext context, Jid from, string? originId, CancellationToken ct)
    {
        if ((await host.Server.Sessions.FindAsync(context.Account, ct)).Count == 0 && await host.Auth.StoredExistsAsync(context.Account, ct) is not Existence.Yes)
        {
            return HookResult.Continue;
        }

        if (preferences is not null && !await preferences.WantsAsync(context.Account, from, isRoom: false, ct))
        {
            return WithoutForgedIds(context);
        }

        if (await FindSentAsync(context, from, isOutgoing: false, originId, ct) is { } known)
        {
            context.Message = Marked(context.Message, context.Account, known);
            return HookResult.Continue;
        }

        return await ArchiveAsync(context, from, isOutgoing: false, originId, ct);
    }

    private ValueTask<HookResult> ArchiveAsync(MessageContext context, Jid remote, bool isOutgoing, string? originId, CancellationToken ct)
    {
        var message = context.Message;
        if (message.Copy is MessageCopy.Further)
        {
            context.Message = Marked(message, context.Account, message.StableId); // the first copy is in the archive, by that id
            return new ValueTask<HookResult>(HookResult.Continue);
        }

        var id = message.StableId != 0 && (hasStableIds || message.Copy is MessageCopy.First || (_sharesIds && !isOutgoing)) ? message.StableId : host.Server.StanzaIds.Next().Value;
        var retraction = settings.Retracts && Retraction.TryRead(message, isRoom: false, out var request) ? request : null;
        var stored = hasStableIds || isOutgoing ? message : ArchiveRules.WithoutForgedIds(message, context.Account);
        var pending = new PendingMessage(context.Account, id, stored, message.From!, remote.Bare, remote.Resource, isOutgoing, originId, retraction);
        var adding = writer.AddAsync(pending, ct);
        if (!adding.IsCompletedSuccessfully)
        {
            return ArchiveLaterAsync(context, adding, id, isOutgoing);
        }

        var waiting = Added(context, adding.Result, id, isOutgoing);
        return waiting.IsCompletedSuccessfully ? new ValueTask<HookResult>(HookResult.Continue) : WaitAsync(waiting);
    }

    private async ValueTask<HookResult> ArchiveLaterAsync(MessageContext context, ValueTask<Task?> adding, long id, bool isOutgoing)
    {
        await Added(context, await adding, id, isOutgoing);
        return HookResult.Continue;
    }

    private static async ValueTask<HookResult> WaitAsync(ValueTask waiting)
    {
        await waiting;
        return HookResult.Continue;
    }

    // MAM-014: what is not archived has no id, and goes on.
    private ValueTask Added(MessageContext context, Task? written, long id, bool isOutgoing)
    {
        if (written is null)
        {
            return ValueTask.CompletedTask;
        }

        context.Message = isOutgoing ? context.Message.WithStableId(id) : Marked(context.Message, context.Account, id);
        return !settings.IsAsynchronous ? new ValueTask(written)
            : settings.WritesBeforeAcknowledge ? context.BeforeAcknowledgeAsync(written)
            : ValueTask.CompletedTask;
    }

    // MAM-013
    private Message Marked(Message message, BareJid account, long id)
    {
        if (hasStableIds)
        {
            return message;
        }

        message = ArchiveRules.WithoutForgedIds(message, account).WithStableId(id);
        return _marks ? message.Append(new Core.Routing.StanzaId(id).ToElement(account)) : message;
    }

    private static HookResult WithoutForgedIds(MessageContext context)
    {
        context.Message = ArchiveRules.WithoutForgedIds(context.Message, context.Account);
        return HookResult.Continue;
    }

    // MAM-016: the same message again, after a crash or a lost connection.
    private async ValueTask<long?> FindSentAsync(MessageContext context, Jid remote, bool isOutgoing, string? originId, CancellationToken ct)
    {
        if (!Resending.IsPossible(context.Origin, originId))
        {
            return null;
        }

        var known = writer.FindPending(context.Account, remote.Bare, isOutgoing, originId!);
        if (known is { } waiting)
        {
            await context.BeforeAcknowledgeAsync(writer.FlushAsync(context.Account));
            MamMetrics.Resent("pm");
            return waiting;
        }

        var stored = await store.FindAsync(context.Account, remote.Bare, isOutgoing, originId!, ct);
        if (stored is not null)
        {
            MamMetrics.Resent("pm");
        }

        return stored?.Id;
    }
}
