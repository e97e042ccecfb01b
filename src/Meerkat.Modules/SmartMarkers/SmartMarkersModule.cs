using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.SmartMarkers;

/// <summary>Smart markers: the server remembers who has seen what in a conversation, and tells it.</summary>
/// <remarks>
/// XEP-0333 v1.0.0, and the open extension <c>esl:xmpp:smart-markers:0</c>; SMK-001 to SMK-006. What is sent in rooms comes in by <see cref="RoomHooks"/>: who speaks there has access.
/// </remarks>
[Module("mod_smart_markers", Options = typeof(SmartMarkersOptions)), Xep(333, "1.0.0", Partial = "clients mark, the server remembers")]
[Announces(Announcer.Server | Announcer.Account, Ns.SmartMarkers)]
public sealed class SmartMarkersModule : IModule, ISmartMarkers
{
    private readonly SmartMarkersOptions _options;
    private readonly HostType _host;
    private readonly ISmartMarkerStore _store;
    private readonly ILogger _log;
    private readonly MarkerWriter? _writer;

    /// <summary>Makes the module for a host type.</summary>
    public SmartMarkersModule(SmartMarkersOptions options, HostType host, ISmartMarkerStore store, ILogger log)
    {
        _options = options;
        _host = host;
        _store = store;
        _log = log;
        _writer = options.Backend is SmartMarkersBackend.RdbmsAsync ? new MarkerWriter(store, options.AsyncWriter.PoolSize ?? (2 * Environment.ProcessorCount), log) : null;
    }

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        on.Feature(Ns.SmartMarkers);
        on.AccountFeature(Ns.SmartMarkers);
        on.Iq(Ns.SmartMarkers, "query", IqTarget.OwnAccount, QueryAsync);
        on.Hook(MessageHooks.Sent, MessageSlot.SmartMarkers, SentAsync);
        on.Hook(RoomHooks.Message, RoomMessageSlot.Markers, SaidAsync);
        on.Hook(RoomHooks.MemberChanged, RoomMemberSlot.Markers, MemberChangedAsync);
        on.Hook(RoomHooks.Gone, RoomGoneSlot.Markers, GoneAsync);
        if (_options.KeepPrivate)
        {
            on.Hook(MessageHooks.Received, ReceivedSlot.SmartMarkers, static (context, _) => new(HasMarker(context.Message) ? HookResult.Stop : HookResult.Continue)); // SMK-004
        }

        on.OwnsData(_store);
        on.Drain(FlushAsync);
        on.Offer<ISmartMarkers>(this);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SmartMarker>> FindAllAsync(BareJid to, string? thread, long since, CancellationToken ct)
    {
        await FlushAsync();
        return await _store.FindAllAsync(to, thread, since, ct);
    }

    internal static DateTimeOffset Moment(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    private static bool HasMarker(Message message) => Mam.ArchiveRules.HasMarker(message);

    // SMK-001: between accounts that are both here.
    private ValueTask<HookResult> SentAsync(MessageContext context, CancellationToken ct)
    {
        var message = context.Message;
        return message.Type is MessageType.Groupchat or MessageType.Error || message.To is not { Local: not null } to || !HasMarker(message) || !_host.Server.Domains.TryFindAccounts(to.Domain, out _)
            ? new ValueTask<HookResult>(HookResult.Continue)
            : KeepAsync(message, context.Account, to.Bare, ct);
    }

    private async ValueTask<HookResult> SaidAsync(RoomMessageContext context, CancellationToken ct)
    {
        if (context.Sender is not { } sender || context.Message.IsError || !HasMarker(context.Message))
        {
            return HookResult.Continue;
        }

        if (_host.Server.Domains.TryFindAccounts(sender.Domain, out _))
        {
            await KeepAsync(context.Message, sender.Bare, context.Room.Jid, ct);
        }

        return _options.KeepPrivate ? HookResult.Stop : HookResult.Continue;
    }

    private async ValueTask<HookResult> KeepAsync(Message message, BareJid from, BareJid to, CancellationToken ct)
    {
        var markers = SmartMarker.Of(message, from, to, (message.StableId != 0 ? message.StableId : _host.Server.StanzaIds.Next().Value) >> 8);
        if (markers.Count == 0)
        {
            return HookResult.Continue;
        }

        if (_writer is not null)
        {
            await _writer.AddAsync(markers, ct);
            return HookResult.Continue;
        }

        try
        {
            await _store.SetAsync(markers, ct);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            SmartMarkersLog.NotWritten(_log, failure, markers.Count); // the message goes on, whatever became of its markers
        }

        return HookResult.Continue;
    }

    // SMK-005
    private async ValueTask<HookResult> MemberChangedAsync(RoomMemberChange change, CancellationToken ct)
    {
        if (change.Change is RoomMembership.Removed && change.Room.Kind is RoomKind.MucLight)
        {
            await FlushAsync();
            await _store.RemoveAsync(change.Account, change.Room.Jid, ct);
        }

        return HookResult.Continue;
    }

    private async ValueTask<HookResult> GoneAsync(RoomGone gone, CancellationToken ct)
    {
        await FlushAsync();
        await _store.RemoveAllAsync(gone.Room, ct);
        return HookResult.Continue;
    }

    // SMK-002, SMK-003
    private async ValueTask<IqReply> QueryAsync(IqRequest request, CancellationToken ct)
    {
        if (request.Type is IqType.Set)
        {
            return IqReply.Error(StanzaError.NotAllowed());
        }

        if (!Jid.TryParse(request.Payload.Attribute("peer"), out var peer))
        {
            return IqReply.Error(StanzaError.BadRequest("invalid-peer"));
        }

        var since = 0L;
        if (request.Payload.Attribute("after") is { } after)
        {
            if (!XmppDateTime.TryParse(after, out var moment))
            {
                return IqReply.Error(StanzaError.BadRequest("invalid-timestamp"));
            }

            since = ((moment - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond) + 1;
        }

        var answer = new XmlBuilder("query", Ns.SmartMarkers).Attribute("peer", peer.Bare.ToString());
        foreach (var marker in await FindAsync(request.Account, peer.Bare, request.Payload.Attribute("thread") ?? "", since, ct))
        {
            answer.Start("marker")
                .Attribute("from", marker.From.ToString())
                .Attribute("id", marker.MessageId)
                .Attribute("type", SmartMarker.NameOf(marker.Type))
                .Attribute("timestamp", Moment(marker.Timestamp).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffff", System.Globalization.CultureInfo.InvariantCulture) + "Z")
                .Attribute("thread", marker.Thread.Length == 0 ? null : marker.Thread)
                .End();
        }

        return IqReply.Result(answer.Build());
    }

    private async ValueTask<IEnumerable<SmartMarker>> FindAsync(BareJid account, BareJid peer, string thread, long since, CancellationToken ct)
    {
        await FlushAsync();
        if (_options.KeepPrivate)
        {
            return await _store.FindAsync(account, peer, thread, since, ct);
        }

        var question = new RoomQuestion(_host, peer, account);
        if (await _host.Hooks.RunAsync(RoomHooks.Question, question, ct) is HookResult.Stop)
        {
            return question.MayRead ? await _store.FindAllAsync(peer, thread, since, ct) : [];
        }

        var own = await _store.FindAsync(account, peer, thread, since, ct);
        var others = account.Equals(peer) ? [] : await _store.FindAsync(peer, account, thread, since, ct);
        return own.Concat(others).OrderBy(marker => marker.Timestamp);
    }

    private ValueTask FlushAsync() => _writer is null ? ValueTask.CompletedTask : new ValueTask(_writer.FlushAsync());
}
