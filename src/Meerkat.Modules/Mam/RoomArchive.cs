using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Mam;

/// <summary>Archives what is said in rooms, answers for them and forgets them (MAM-060 to MAM-068).</summary>
internal sealed class RoomArchive(
    HostType host, MamMucOptions options, ArchiveSettings settings, IRoomArchiveStore store, ArchiveWriter writer, ArchivePreferenceCache? preferences, ArchiveAnswers answers, IReadOnlyList<string> features, ILogger log)
{
    private const string Marker = "@HOST@";

    private readonly string _prefix = options.Host.EndsWith(Marker, StringComparison.Ordinal) ? options.Host[..^Marker.Length] : "";

    public void Register(IModuleRegistry on)
    {
        on.Hook(RoomHooks.Message, RoomMessageSlot.Archive, ArchiveAsync);
        on.Hook(RoomHooks.Iq, RoomIqSlot.Archive, AnswerAsync);
        on.Hook(RoomHooks.Moderated, RoomModerationSlot.Archive, ModerateAsync);
        on.Hook(RoomHooks.Gone, RoomGoneSlot.Archive, ForgetAsync);
        on.Hook(RoomHooks.Features, RoomFeatureSlot.Archive, TellFeatures);
    }

    /// <summary>The domain of the rooms of a domain.</summary>
    public string ServiceOf(string domain) => options.Host.Replace(Marker, domain, StringComparison.Ordinal);

    /// <summary>The domain of the rooms of a domain alone; null for a service of the whole host type, whose rooms are not one domain's.</summary>
    public string? OwnServiceOf(string domain) => _prefix.Length == 0 ? null : ServiceOf(domain);

    // MAM-066: one service is archived.
    private bool IsArchived(BareJid room) =>
        _prefix.Length == 0 ? room.Domain == options.Host : room.Domain.StartsWith(_prefix, StringComparison.Ordinal) && host.Server.Domains.TryFindAccounts(room.Domain[_prefix.Length..], out _);

    private async ValueTask<HookResult> ArchiveAsync(RoomMessageContext context, CancellationToken ct)
    {
        var message = context.Message;
        var room = context.Room.Jid;
        if (!IsArchived(room) || message.From is not { } from)
        {
            return HookResult.Continue;
        }

        message = ArchiveRules.WithoutForgedIds(message, room);
        context.Message = message;
        if (message.IsError || !ArchiveRules.IsArchivable(message, settings.ArchivesMarkers) || (preferences is not null && !await preferences.WantsAsync(room, from, isRoom: true, ct)))
        {
            return HookResult.Continue;
        }

        var sender = context.Sender?.Bare ?? room;
        var originId = ArchiveRules.OriginId(message);
        if (Resending.IsPossible(context.Origin, originId) && await FindSentAsync(context, sender, originId!, ct) is { } known)
        {
            context.Message = Marked(message, room, known);
            return HookResult.Continue;
        }

        var id = host.Server.StanzaIds.Next().Value;
        var retraction = settings.Retracts && Retraction.TryRead(message, isRoom: true, out var request) ? request : null;
        var written = await writer.AddAsync(new PendingMessage(room, id, WithIdentity(context), from, sender, from.Resource, false, originId, retraction), ct);
        if (written is null)
        {
            return HookResult.Continue; // MAM-014
        }

        context.Message = Marked(message, room, id);
        if (!settings.IsAsynchronous)
        {
            await written;
        }
        else if (settings.WritesBeforeAcknowledge)
        {
            await context.BeforeAcknowledgeAsync(written);
        }

        return HookResult.Continue;
    }

    private Message Marked(Message message, BareJid room, long id) =>
        settings.HidesIds ? message.WithStableId(id) : message.WithStableId(id).Append(new StanzaId(id).ToElement(room));

    // MAM-060: who it really was, for those who may know it later.
    private static Message WithIdentity(RoomMessageContext context)
    {
        var message = context.Message.Child("x", Ns.MucUser) is null ? context.Message : context.Message.WithElement(context.Message.Element.Without(static child => child.Is("x", Ns.MucUser)));
        if (context.Sender is not { } sender)
        {
            return message;
        }

        return message.Append(new XmlBuilder("x", Ns.MucUser)
            .Start("item").Attribute("affiliation", context.Affiliation).Attribute("jid", sender.ToString()).Attribute("role", context.Role).End()
            .Build());
    }

    private async ValueTask<long?> FindSentAsync(RoomMessageContext context, BareJid sender, string originId, CancellationToken ct)
    {
        var room = context.Room.Jid;
        if (writer.FindPending(room, sender, false, originId) is { } waiting)
        {
            await context.BeforeAcknowledgeAsync(writer.FlushAsync(room));
            MamMetrics.Resent("muc");
            return waiting;
        }

        var stored = await store.FindAsync(room, sender, false, originId, ct);
        if (stored is not null)
        {
            MamMetrics.Resent("muc");
        }

        return stored?.Id;
    }

    private async ValueTask<HookResult> AnswerAsync(RoomIqContext context, CancellationToken ct)
    {
        if (!IsArchived(context.Room.Jid) || context.Iq.Payload is not { } payload || !(payload.IsIn(Ns.Mam) || payload.IsIn(Ns.MamOld)))
        {
            return HookResult.Continue;
        }

        var request = new ArchiveRequest(context.Room.Jid, context.Iq, payload)
        {
            IsRoom = true,
            MayRead = context.MayRead,
            MaySet = context.IsOwner,
            SeesIdentities = context.SeesIdentities || context.Room.Kind is RoomKind.MucLight,
        };
        if (answers.Admit(request, out var action, out var wait) is { } refused)
        {
            context.Answer = (Iq)StanzaReplies.ErrorFor(context.Iq, refused)!;
        }
        else if (wait > TimeSpan.Zero)
        {
            _ = AnswerLaterAsync(request, action, wait); // the room does not wait with who asks too often
        }
        else
        {
            context.Answer = Answer(request, await answers.AnswerAsync(request, action, ct));
        }

        return HookResult.Stop;
    }

    private static Iq Answer(ArchiveRequest request, IqReply reply) => reply.Failure is { } error ? (Iq)StanzaReplies.ErrorFor(request.Iq, error)! : Iq.Result(request.Iq, reply.Payload);

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is logged and answered.")]
    private async Task AnswerLaterAsync(ArchiveRequest request, string action, TimeSpan wait)
    {
        Iq answer;
        try
        {
            answer = Answer(request, await answers.AnswerLaterAsync(request, action, wait, CancellationToken.None));
        }
        catch (Exception failure)
        {
            MamLog.RequestFailed(log, failure, request.Payload.Name, request.Owner);
            answer = (Iq)StanzaReplies.ErrorFor(request.Iq, StanzaError.InternalServerError())!;
        }

        try
        {
            await host.Server.Router.RouteAsync(answer, CancellationToken.None);
        }
        catch (Exception failure)
        {
            MamLog.RequestFailed(log, failure, request.Payload.Name, request.Owner);
        }
    }

    // XEP-0425 §4: the message's attributes stay, its content goes.
    private async ValueTask<HookResult> ModerateAsync(RoomModeration moderation, CancellationToken ct)
    {
        var room = moderation.Room.Jid;
        if (!IsArchived(room) || !settings.Retracts || !StanzaId.TryParse(moderation.StanzaId, out var id))
        {
            return HookResult.Continue;
        }

        await writer.SettleAsync(room, ct);
        if (await store.GetAsync(room, [id.Value], ct) is [var stored] && XmlElement.TryParse(stored.Xml.Span, out var element, Ns.Client, XmlLimits.Unlimited))
        {
            moderation.IsKnown = await store.ReplaceAsync(room, stored.Id, element.WithChildren([moderation.Retracted]).ToUtf8(), ct);
        }

        return HookResult.Continue;
    }

    // MAM-067
    private async ValueTask<HookResult> ForgetAsync(RoomGone gone, CancellationToken ct)
    {
        if (IsArchived(gone.Room))
        {
            await writer.FlushAsync(gone.Room);
            await store.RemoveAsync(gone.Room, ct);
            MamMetrics.ArchiveRemoved("muc");
            if (preferences is not null)
            {
                await preferences.RemoveAsync(gone.Room, ct);
            }
        }

        return HookResult.Continue;
    }

    private ValueTask<HookResult> TellFeatures(RoomFeatures asked, CancellationToken ct)
    {
        if (IsArchived(asked.Service))
        {
            asked.List.AddRange(features);
        }

        return new ValueTask<HookResult>(HookResult.Continue);
    }
}
