using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Placement;
using Meerkat.Core.Routing;
using Meerkat.Core.Sessions;
using Meerkat.Core.Storage;
using Meerkat.Core.Streams;
using Meerkat.Modules.Disco;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLight;

/// <summary>The service on its subdomain: reads what clients send, lets the rooms decide, and answers (MUL-001 to MUL-041, MUL-070 to MUL-075).</summary>
internal sealed class MucLightService(MucLightRooms rooms, IDisco? disco, HostType host) : IService
{
    private readonly MucLightDisco _disco = new(rooms, disco, host);

    /// <summary>The rooms behind it.</summary>
    public MucLightRooms Rooms => rooms;

    /// <inheritdoc/>
    public string? Name => MucLightDisco.ServiceName;

    /// <inheritdoc/>
    public string? Node => rooms.Codec.Namespace; // MUL-001

    private Router Router => host.Server.Router;

    private bool IsLegacy => rooms.Options.LegacyMode;

    /// <inheritdoc/>
    public ValueTask HandleAsync(Stanza stanza, CancellationToken ct) => HandleAsync(stanza, null, ct);

    /// <inheritdoc/>
    public async ValueTask HandleAsync(Stanza stanza, Session? origin, CancellationToken ct)
    {
        // Rooms do not talk to rooms: a writer waits for its copies, and one that came back to it, straight or through another room, would wait for itself.
        if (stanza.From is null || (host.Server.Domains.TryFind(stanza.From.Domain, out var sender) && sender.Service is MucLightService))
        {
            return;
        }

        try
        {
            switch (stanza)
            {
                case Message { IsError: false } message:
                    await HandleAsync(message, origin, ct);
                    break;
                case Iq { IsRequest: true } iq:
                    await HandleAsync(iq, ct);
                    break;
                case Presence { Type: PresenceType.Available } presence when IsLegacy:
                    await HandleAsync(presence, ct);
                    break;
            }
        }
        catch (Exception busy) when (busy is PlacementBusyException or StorageBusyException)
        {
            await Router.ReplyErrorAsync(stanza, StanzaError.ResourceConstraint(), ct);
        }
    }

    private async ValueTask HandleAsync(Message message, Session? origin, CancellationToken ct)
    {
        var result = message.Type is not MessageType.Groupchat ? MucLightResult.Invalid("rooms take messages of type groupchat")
            : message.To is not BareJid room ? MucLightResult.Invalid("rooms have no private messages")
            : !room.HasLocal ? new MucLightResult(MucLightOutcome.RoomNotFound)
            : await SayAsync(room, message, origin, ct);
        if (result.ToError() is { } error)
        {
            await Router.ReplyErrorAsync(message, error, ct);
        }
    }

    // MUL-071: in the legacy language a subject is a change of the configuration.
    private ValueTask<MucLightResult> SayAsync(BareJid room, Message message, Session? origin, CancellationToken ct)
    {
        var id = message.Id ?? RandomId.Create();
        var reading = rooms.Codec.Read(message);
        return reading.Refusal is { } refusal ? new(refusal)
            : rooms.AskAsync(room, reading.Request is ConfigureRequest change ? new ConfigureCommand(message.From!.Bare, change.Fields, id) : new SayCommand(message, origin, id), ct);
    }

    private async ValueTask HandleAsync(Iq iq, CancellationToken ct)
    {
        var reply = iq.To is not BareJid to ? IqReply.Error(StanzaError.BadRequest("there is nobody behind a resource here")) // MUL-004
            : iq.Payload is not { } payload ? IqReply.Error(StanzaError.BadRequest())
            : await _disco.AnswerAsync(iq, payload, ct) is { } described ? described
            : await AnswerAsync(iq, payload, to, ct);
        if (reply.IsDeferred)
        {
            return;
        }

        await Router.RouteAsync(reply.Failure is { } error ? StanzaReplies.ErrorFor(iq, error)! : Iq.Result(iq, reply.Payload), ct);
    }

    private async ValueTask<IqReply> AnswerAsync(Iq iq, XmlElement payload, BareJid to, CancellationToken ct)
    {
        var reading = rooms.Codec.Read(iq, payload);
        if (reading.Refusal is { } refusal)
        {
            return IqReply.Error(refusal.ToError()!);
        }

        var actor = iq.From!.Bare;
        var id = iq.Id ?? RandomId.Create();
        switch (reading.Request)
        {
            case null:
                return to.HasLocal ? await AskOthersAsync(iq, to, ct) : IqReply.Error(StanzaError.FeatureNotImplemented());
            case ReadBlockingRequest or BlockRequest:
                return await AnswerBlockingAsync(reading.Request, actor, to, ct);
            case CreateRequest create when !to.HasLocal:
                var (created, _) = await rooms.CreateUniqueAsync(to, new CreateCommand(actor, create.Fields, create.Others, id), ct);
                return Reply(created);
            case var _ when !to.HasLocal:
                return IqReply.Error(StanzaError.BadRequest("this is asked of a room"));
            case ReadRequest read:
                var room = await rooms.FindAsync(to, ct);
                return room is null || room.Occupants.Find(actor) is MucLightAffiliation.None ? IqReply.Error(StanzaError.ItemNotFound()) : IqReply.Result(rooms.Codec.Write(read, room));
            case CreateRequest create:
                return Reply(await rooms.AskAsync(to, new CreateCommand(actor, create.Fields, create.Others, id), ct));
            case ConfigureRequest configure:
                return Reply(await rooms.AskAsync(to, new ConfigureCommand(actor, configure.Fields, id), ct));
            case AffiliateRequest affiliate:
                return Reply(await rooms.AskAsync(to, new AffiliateCommand(actor, affiliate.Wanted, id), ct));
            case DestroyRequest:
                return Reply(await rooms.AskAsync(to, new DestroyCommand(actor, id), ct));
            default:
                return IqReply.Result();
        }
    }

    private static IqReply Reply(MucLightResult result) => result.ToError() is { } error ? IqReply.Error(error) : IqReply.Result();

    // MUL-040
    private async ValueTask<IqReply> AnswerBlockingAsync(MucLightRequest request, BareJid user, BareJid to, CancellationToken ct)
    {
        if (!rooms.Options.Blocking || to.HasLocal)
        {
            return IqReply.Error(StanzaError.BadRequest(to.HasLocal ? "this is asked of the service" : "there is no blocking here"));
        }

        if (request is BlockRequest { Changes: var changes })
        {
            await rooms.Store.SetBlockingAsync(user, changes, ct);
            return IqReply.Result();
        }

        return IqReply.Result(rooms.Codec.Write(await rooms.Store.GetBlockingAsync(user, ct), to));
    }

    // The archive, say.
    private async ValueTask<IqReply> AskOthersAsync(Iq iq, BareJid to, CancellationToken ct)
    {
        var room = await rooms.FindAsync(to, ct);
        var affiliation = room?.Occupants.Find(iq.From!.Bare) ?? MucLightAffiliation.None;
        if (affiliation is MucLightAffiliation.None)
        {
            return IqReply.Error(StanzaError.ItemNotFound());
        }

        var context = new RoomIqContext(host, new MucLightView(room!), iq) { MayRead = true, IsOwner = affiliation is MucLightAffiliation.Owner, SeesIdentities = true };
        if (await host.Hooks.RunAsync(RoomHooks.Iq, context, ct) is HookResult.Continue)
        {
            return IqReply.Error(StanzaError.FeatureNotImplemented());
        }

        if (context.Answer is { } answer)
        {
            await Router.RouteAsync(answer, ct);
        }

        return IqReply.Deferred;
    }

    // MUL-070: in the legacy language a presence makes a room, and nothing else does.
    private async ValueTask HandleAsync(Presence presence, CancellationToken ct)
    {
        if (presence.To is not FullJid { Local: not null } at || presence.From is not FullJid creator || !presence.Has("x", Ns.Muc))
        {
            return;
        }

        var result = await rooms.AskAsync(at.Bare, new CreateCommand(creator.Bare, MucLightRoom.NoConfiguration, [], presence.Id ?? RandomId.Create()), ct);
        if (result.IsDone)
        {
            await Router.RouteAsync(LegacyCodec.Welcome(at.Bare, creator, !rooms.Options.EqualOccupants), ct);
            return;
        }

        var error = result.Outcome is MucLightOutcome.AlreadyExists ? StanzaError.RegistrationRequired() : result.ToError()!;
        await Router.ReplyErrorAsync(presence, error, ct);
    }
}
