using Meerkat.Core.Placement;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLight;

/// <summary>The single writer of a room: changes it, tells of it, and passes on what is said, one at a time. It keeps nothing: the room is in the store.</summary>
/// <param name="rooms">The rooms.</param>
/// <param name="jid">The room's address.</param>
internal sealed class RoomWriter(MucLightRooms rooms, BareJid jid) : IPlacedWriter<RoomCommand, MucLightResult>
{
    // Nobody else writes a room of a living writer; another node may for a moment, while membership changes.
    private const int Attempts = 8;

    /// <inheritdoc/>
    public bool IsDone => true;

    /// <inheritdoc/>
    public ValueTask<MucLightResult> HandleAsync(RoomCommand command, CancellationToken ct) => command switch
    {
        SayCommand say => SayAsync(say, ct),
        CreateCommand create => CreateAsync(create, ct),
        ConfigureCommand configure => ChangeAsync(room => Configure(room, configure), ct),
        AffiliateCommand affiliate => ChangeAsync(room => AffiliateAsync(room, affiliate, ct), ct),
        LeaveCommand leave => ChangeAsync(room => Leave(room, leave), ct),
        DestroyCommand destroy => ChangeAsync(room => Destroy(room, destroy), ct),
        _ => throw new ArgumentOutOfRangeException(nameof(command)),
    };

    // MUL-010
    private async ValueTask<MucLightResult> SayAsync(SayCommand say, CancellationToken ct)
    {
        var sender = say.Message.From!;
        if (await rooms.LoadAsync(jid, false, ct) is not { } room)
        {
            return new MucLightResult(MucLightOutcome.RoomNotFound);
        }

        if (room.Occupants.Find(sender.Bare) is MucLightAffiliation.None)
        {
            return new MucLightResult(MucLightOutcome.NotOccupant);
        }

        if (!FullJid.TryCreate(jid, sender.Bare.ToString(), out var from))
        {
            return MucLightResult.Invalid("the sender's address is too long for a room");
        }

        // XEP-0359 §5: nobody else's word for what the room gives.
        var own = jid.ToString();
        var element = say.Message.Element.Without(child => child.Is("stanza-id", Ns.StanzaIds) && child.Attribute("by") == own);
        var message = say.Message.WithElement(say.Message.HasId ? element : element.WithAttribute("id", say.Id));
        await rooms.Broadcast.SayAsync(room, message.Readdress(from, null), sender, say.Origin, ct);
        return MucLightResult.Done;
    }

    // MUL-030
    private async ValueTask<MucLightResult> CreateAsync(CreateCommand create, CancellationToken ct)
    {
        if (await rooms.Store.FindAsync(jid, ct) is not null)
        {
            return new MucLightResult(MucLightOutcome.AlreadyExists);
        }

        if (AffiliationRules.CheckCreation(create.Actor, create.Others, rooms.Policy) is { } refusal)
        {
            return refusal;
        }

        if (await rooms.IsFullAsync(create.Actor, jid.Domain, ct))
        {
            return new MucLightResult(MucLightOutcome.RoomLimit);
        }

        var others = await rooms.WithoutUnwillingAsync(jid, create.Actor, OccupantList.Empty, create.Others, ct);
        var room = new MucLightRoom(jid, rooms.NextVersion(), rooms.Schema.Defaults.SetItems(create.Fields), AffiliationRules.Create(create.Actor, others, rooms.Policy));
        if (!await rooms.Store.TryCreateAsync(room, ct))
        {
            return new MucLightResult(MucLightOutcome.AlreadyExists);
        }

        rooms.Remember(room);
        MucLightMetrics.Created();
        await rooms.Broadcast.TellAsync(room, rooms.Codec.Created(room, create.Id), [.. room.Occupants]);
        return MucLightResult.Done;
    }

    // MUL-021
    private ValueTask<RoomChange> Configure(MucLightRoom room, ConfigureCommand command)
    {
        var isAllowed = room.Occupants.Find(command.Actor) switch
        {
            MucLightAffiliation.Owner => true,
            MucLightAffiliation.Member => rooms.Policy.For(room.Configuration).AllCanConfigure || command.Fields.Keys.All(key => key == MucLightRoom.SubjectKey),
            _ => (bool?)null,
        };
        if (isAllowed is not true)
        {
            return new(RoomChange.Refused(isAllowed is null ? new MucLightResult(MucLightOutcome.NotOccupant) : MucLightResult.NotAllowed("only an owner may do this")));
        }

        if (command.Fields.Count == 0)
        {
            return new(RoomChange.Refused(MucLightResult.Done)); // nothing was asked for
        }

        var after = room with { Version = rooms.NextVersion(), Configuration = room.Configuration.SetItems(command.Fields) };
        return new(new RoomChange(after, rooms.Codec.Configured(room, after, command.Fields, command.Id), []));
    }

    // MUL-022 to MUL-027
    private async ValueTask<RoomChange> AffiliateAsync(MucLightRoom room, AffiliateCommand command, CancellationToken ct)
    {
        if (room.Occupants.Find(command.Actor) is MucLightAffiliation.None)
        {
            return RoomChange.Refused(new MucLightResult(MucLightOutcome.NotOccupant));
        }

        var policy = rooms.Policy.For(room.Configuration);
        if (AffiliationRules.Check(room.Occupants, command.Actor, command.Wanted, policy) is { } refusal)
        {
            return RoomChange.Refused(refusal);
        }

        var wanted = await rooms.WithoutUnwillingAsync(jid, command.Actor, room.Occupants, command.Wanted, ct);
        return Affiliate(room, command.Actor, wanted, policy, command.Id);
    }

    // MUL-051: the account goes; a room is never left without an owner by that.
    private ValueTask<RoomChange> Leave(MucLightRoom room, LeaveCommand command) => new(
        room.Occupants.Find(command.Actor) is MucLightAffiliation.None
            ? RoomChange.Refused(MucLightResult.Done)
            : Affiliate(room, command.Actor, [new(command.Actor, MucLightAffiliation.None)], rooms.Policy.For(room.Configuration) with { PromoteOnLastOwnerLeave = true }, command.Id));

    private RoomChange Affiliate(MucLightRoom room, BareJid actor, IReadOnlyList<MucLightOccupant> wanted, RoomPolicy policy, string id)
    {
        var change = AffiliationRules.Apply(room.Occupants, wanted, policy);
        if (change.Refusal is not null || change.Changes.Count == 0)
        {
            return RoomChange.Refused(change.Refusal ?? MucLightResult.Done); // MUL-025: nothing remains, and that is no mistake
        }

        var after = room with { Version = rooms.NextVersion(), Occupants = change.After };
        return new RoomChange(after, rooms.Codec.Affiliated(room, after, change.Changes, actor, id), change.Changes);
    }

    // MUL-032
    private ValueTask<RoomChange> Destroy(MucLightRoom room, DestroyCommand command)
    {
        var affiliation = command.Actor is { } actor ? room.Occupants.Find(actor) : MucLightAffiliation.Owner;
        return new(affiliation switch
        {
            MucLightAffiliation.None => RoomChange.Refused(new MucLightResult(MucLightOutcome.NotOccupant)),
            MucLightAffiliation.Member => RoomChange.Refused(MucLightResult.NotAllowed("only an owner may do this")),
            _ => new RoomChange(room with { Occupants = OccupantList.Empty }, rooms.Codec.Destroyed(room, command.Id), []),
        });
    }

    /// <summary>Reads the room, makes the change, writes it, and tells of it; begins again when somebody else was quicker.</summary>
    private async ValueTask<MucLightResult> ChangeAsync(Func<MucLightRoom, ValueTask<RoomChange>> change, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var before = await rooms.LoadAsync(jid, attempt > 0, ct);
            if (before is null)
            {
                return new MucLightResult(MucLightOutcome.RoomNotFound);
            }

            var made = await change(before);
            if (made.Refusal is not null)
            {
                return made.Refusal;
            }

            var isGone = made.After!.Occupants.Count == 0; // MUL-028
            if (!await (isGone ? rooms.Store.TryRemoveAsync(before, ct) : rooms.Store.TryUpdateAsync(before, made.After, ct)))
            {
                continue;
            }

            await TellAsync(before, made, isGone);
            return MucLightResult.Done;
        }

        throw new StorageBusyException($"room {jid} was changed by others again and again");
    }

    private async ValueTask TellAsync(MucLightRoom before, RoomChange made, bool isGone)
    {
        if (isGone)
        {
            rooms.Forget(jid);
            MucLightMetrics.Destroyed();
        }
        else
        {
            rooms.Remember(made.After!);
        }

        if (made.Changes.Count > 0)
        {
            MucLightMetrics.Affiliated(made.Changes.Count);
        }
        else if (!isGone)
        {
            MucLightMetrics.Configured();
        }

        await rooms.Broadcast.TellAsync(made.After!, made.Notices!, made.Changes);
        if (isGone)
        {
            await rooms.Broadcast.GoneAsync(before);
        }
    }

    /// <summary>What a command makes of a room.</summary>
    /// <param name="After">The room afterwards, without occupants when it is to go; null when nothing changes.</param>
    /// <param name="Notices">What is told of it.</param>
    /// <param name="Changes">Who became what.</param>
    private sealed record RoomChange(MucLightRoom? After, RoomNotices? Notices, IReadOnlyList<MucLightOccupant> Changes)
    {
        public MucLightResult? Refusal { get; private init; }

        public static RoomChange Refused(MucLightResult refusal) => new(null, null, []) { Refusal = refusal };
    }
}
