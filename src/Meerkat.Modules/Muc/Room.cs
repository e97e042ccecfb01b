using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Meerkat.Core.Hooks;
using Meerkat.Core.Placement;
using Meerkat.Core.Sessions;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>A room at work: the shell around <see cref="RoomState"/> and its rules. Loads and stores, sends, tells the hooks; one command at a time.</summary>
internal sealed class Room : IPlacedWriter<RoomCommand, RoomReply>, IRoom
{
    private readonly RoomHost _host;
    private readonly Placed _placed;
    private readonly IRoomPolicy _policy;
    private readonly RoomKnowledge _knowledge;
    private readonly RoomSending _sending;
    private readonly RoomStorage _storage;
    private readonly RoomLimits? _limits;
    private readonly AwaitedJoins _awaited;
    private readonly RoomNews _news;
    private readonly RoomRest _rest;
    private RoomState? _state;
    private bool _isLoaded;
    private bool _isRetired;

    // What has to be written for a message that was kept back, while it is being processed; else null.
    private List<Task>? _held;

    public Room(RoomHost host, Placed placed)
    {
        _host = host;
        _placed = placed;
        Jid = BareJid.Parse(placed.Key);
        _policy = host.PolicyOf(Jid.Domain);
        _knowledge = new RoomKnowledge(host, _policy, Jid);
        _sending = new RoomSending(host.Host.Server.Router, host.Log);
        _storage = new RoomStorage(host, placed.Epoch);
        _limits = host.Limits.HasAny ? new RoomLimits(host.Limits, host.Time, Due) : null;
        _awaited = new AwaitedJoins(host, Jid, placed.Key);
        _news = new RoomNews(host, this);
        _rest = new RoomRest(host.Options, host.Time);
    }

    /// <inheritdoc/>
    public BareJid Jid { get; }

    /// <inheritdoc/>
    public RoomKind Kind => RoomKind.Muc;

    /// <inheritdoc/>
    public bool IsDone => (_isRetired || _state is null) && _limits?.IsIdle is not false;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyCollection<BareJid>> MembersAsync(CancellationToken ct) => new(_state?.Members ?? []);

    /// <inheritdoc/>
    public async ValueTask<RoomReply> HandleAsync(RoomCommand command, CancellationToken ct)
    {
        if (command.Kind is RoomCommandKind.Sessions)
        {
            return _state is null ? RoomReply.NotFound : new RoomReply(true, GhostCheck.Write(_state));
        }

        if (!_isLoaded && !await LoadAsync(command, ct))
        {
            if (command.Kind is RoomCommandKind.Release)
            {
                await ReleaseAsync(command, StanzaError.ServiceUnavailable(), ct);
            }

            return RoomReply.NotFound;
        }

        if (command.Kind is RoomCommandKind.Tick)
        {
            await TickAsync(mayStop: command.Text == RoomCommand.Deep);
            return RoomReply.Done;
        }

        if (command.Kind is not (RoomCommandKind.List or RoomCommandKind.Access or RoomCommandKind.Check or RoomCommandKind.SessionLost))
        {
            _isRetired = false;
            _rest.Wake(); // who only looks does not keep a room awake (MUC-101)
        }

        switch (command.Kind)
        {
            case RoomCommandKind.Stanza:
                await HandleStanzaAsync(command.Stanza!, command.Order, ct);
                break;
            case RoomCommandKind.PasswordChecked:
                await JoinCheckedAsync((Presence)command.Stanza!, command.Order, PasswordVerdict.Read(command.Text), ct);
                break;
            case RoomCommandKind.Release:
                await ReleaseAsync(command, StanzaError.ItemNotFound(), ct);
                break;
            case RoomCommandKind.SessionEnded or RoomCommandKind.SessionLost when _state?.OfSession(command.Who!) is { } occupant && IsSameSession(occupant, command):
                await TakeTurnAsync(turn => LeaveRules.Leave(turn, occupant, command.Who!, (Presence?)command.Stanza, PresenceExtras.None), null, ct);
                break;
            case RoomCommandKind.Speak when _state is { IsLocked: false }:
                await TakeTurnAsync(turn => MessageRules.Speak(turn, (Message)command.Stanza!), null, ct);
                break;
            case RoomCommandKind.Forget when _state is not null:
                await TakeTurnAsync(turn => AffiliationChanges.Apply(turn, command.Who!, Affiliation.None, ""), null, ct);
                break;
            case RoomCommandKind.Stop:
                await StopAsync(command.Text);
                break;
            case RoomCommandKind.Check:
                Check(command);
                return RoomReply.Done;
            case RoomCommandKind.List when _state is not null:
                return new RoomReply(true, DiscoRules.Listed(Turn(), command.Who!)?.ToXml());
            case RoomCommandKind.Access when _state is not null:
                return new RoomReply(true, null, MayRead(_state, command.Who!) ? null : "denied");
            case RoomCommandKind.Administer when _state is null && command.Text == RoomAdministration.Create:
                return await CreateForAsync(command.Who!, ct);
            case RoomCommandKind.Administer when _state is not null:
                return await AdministerAsync(command, ct);
        }

        return _state is null ? RoomReply.NotFound : RoomReply.Done;
    }

    private static bool IsSameSession(Occupant occupant, RoomCommand command) =>
        occupant.Find(command.Who!) is { } session
        && (command.Kind is RoomCommandKind.SessionLost ? session.Order == command.Order : session.Order == 0 || command.Order == 0 || session.Order <= command.Order);

    // Who was in the room that this one follows, and is not in this one. Whoever has come meanwhile knows more than who asks for him.
    private void Check(RoomCommand command)
    {
        foreach (var (session, address) in OccupancyCheck.Read(command))
        {
            if (_state?.OfSession(session) is null)
            {
                _sending.Send(PresenceRules.Lost(address, session), session);
            }
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A store that fails must not take the room's other visitors with it: it is logged and answered.")]
    private async ValueTask<bool> LoadAsync(RoomCommand command, CancellationToken ct)
    {
        try
        {
            _state = await _storage.LoadAsync(Jid, ct);
            _isLoaded = true;
            _isRetired = false;
            _rest.Wake();
            if (_state is not null)
            {
                MucMetrics.Online(1);
                MucMetrics.Restored();
                _host.Observer?.Invoke(_state, _state, [new RoomEvent(RoomEventKind.Started)]);
            }

            return true;
        }
        catch (Exception failure)
        {
            MucLog.LoadFailed(_host.Log, failure, Jid);
            if (command.Kind is RoomCommandKind.Administer or RoomCommandKind.Access or RoomCommandKind.Check)
            {
                throw; // nobody knows whether there is such a room
            }

            if (command.Stanza is { } stanza && StanzaReplies.ErrorFor(stanza, StanzaError.ServiceUnavailable()) is { } reply)
            {
                _sending.Send(reply, reply.To!); // MUC-016
            }

            return false;
        }
    }

    private async ValueTask HandleStanzaAsync(Stanza stanza, long order, CancellationToken ct)
    {
        if (_state is null)
        {
            await CreateAsync(stanza, order, ct);
            return;
        }

        Delayed? queued = null;
        switch (_limits is null || _state.OfSession(stanza.From!) is null ? LimitVerdict.Pass : _limits.Check(stanza, order, out queued))
        {
            // What nobody got yet is not acknowledged (XEP-0198 §4).
            case LimitVerdict.Queued when queued is not null && stanza.From is FullJid sender && await _host.Host.Server.Sessions.FindAsync(sender, ct) is Session origin && origin.Order == order:
                queued.HoldBack(origin);
                break;
            case LimitVerdict.Pass:
                await ApplyAsync(_state, stanza, order, null, ct);
                break;
            case LimitVerdict.Refused:
                _sending.Reject(stanza, StanzaError.ResourceConstraint("Traffic rate limit is exceeded"));
                break;
        }
    }

    // Whatever becomes of it, its sender's session is told that it is done with.
    private async ValueTask ReleaseAsync(RoomCommand command, StanzaError ifGone, CancellationToken ct)
    {
        foreach (var released in _limits?.Release(command.Who!.Bare, command.Text == "message") ?? [])
        {
            var written = _held = [];
            try
            {
                if (released.TryBegin())
                {
                    await ReleaseAsync(released, ifGone, ct);
                }
            }
            finally
            {
                _held = null;
                _ = released.ProcessedAsync(written);
            }
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one stanza: it is logged, and the next one has its turn.")]
    private async ValueTask ReleaseAsync(Delayed released, StanzaError ifGone, CancellationToken ct)
    {
        try
        {
            if (_state is not null)
            {
                await ApplyAsync(_state, released.Stanza, released.Order, released.Sender, ct);
            }
            else if (released.Stanza is Message)
            {
                _sending.Reject(released.Stanza, ifGone);
            }
        }
        catch (Exception failure)
        {
            MucLog.CommandFailed(_host.Log, failure, Jid, released.Stanza.Kind);
            _sending.Reject(released.Stanza, StanzaError.InternalServerError());
        }
    }

    private bool Due(BareJid user, bool isMessage) =>
        _host.Rooms.TryPost(_placed.Key, new RoomCommand(RoomCommandKind.Release) { Who = user, Text = isMessage ? "message" : "presence" });

    // The sender of what was kept back may have gone.
    private async ValueTask ApplyAsync(RoomState room, Stanza stanza, long order, Occupant? gone, CancellationToken ct)
    {
        var world = World(await _knowledge.OfAsync(room, stanza, order, ct));
        if (gone is not null)
        {
            world = world with { Gone = gone };
        }

        if (_host.Passwords is { } passwords && stanza is Presence { Type: PresenceType.Available } presence && JoinRules.PasswordOf(room, world, presence) is { } password)
        {
            if (!_awaited.TryAsk(passwords, presence, order, password))
            {
                _sending.Reject(presence, StanzaError.ResourceConstraint());
            }

            return;
        }

        var turn = new Turn(room, world);
        RoomRules.Handle(turn, stanza);
        if (turn.Moderation is { } moderation)
        {
            await ModerateAsync(turn, moderation, ct);
        }

        await CommitAsync(turn, stanza, ct);
    }

    // MUC-025
    private async ValueTask JoinCheckedAsync(Presence presence, long order, PasswordVerdict verdict, CancellationToken ct)
    {
        _awaited.Judged();
        var isHere = order == 0 || (await _host.Host.Server.Sessions.FindAsync((FullJid)presence.From!, ct))?.Order == order;
        if (_state is null)
        {
            if (isHere)
            {
                _sending.Reject(presence, StanzaError.ItemNotFound()); // the room is gone
            }

            return;
        }

        var turn = new Turn(_state, World(await _knowledge.OfAsync(_state, presence, order, ct)) with { Password = verdict });
        if (isHere)
        {
            RoomRules.Handle(turn, presence);
        }

        if (_awaited.IsKept)
        {
            LeaveRules.EndWhenEmpty(turn); // MUC-051
        }

        await CommitAsync(turn, isHere ? presence : null, ct);
    }

    // MUC-016, MUC-017
    private async ValueTask CreateAsync(Stanza stanza, long order, CancellationToken ct)
    {
        if (stanza is not Presence { Type: PresenceType.Available } presence)
        {
            if (stanza is not Presence)
            {
                _sending.Reject(stanza, StanzaError.ItemNotFound());
            }

            return;
        }

        if (!JoinRules.IsJoin(presence))
        {
            _sending.Send(PresenceRules.NotPresent(presence), presence.From!); // MUC-021
            return;
        }

        var world = await _knowledge.OfAsync(null, stanza, order, ct);
        if (RoomRules.RefuseCreation(presence, world) is { } refusal)
        {
            _sending.Reject(stanza, refusal);
            return;
        }

        var isLocked = presence.Element.Child("x", Ns.Muc) is not null;
        var turn = new Turn(RoomRules.New(Jid, presence.From!.Bare, RandomNumberGenerator.GetHexString(32, lowercase: true), _host.Options, isLocked), world) { Saves = true };
        turn.Events.Add(new RoomEvent(RoomEventKind.Created));
        JoinRules.EnterNew(turn, presence);
        if (await CommitAsync(turn, stanza, ct))
        {
            MucLog.Created(_host.Log, Jid, presence.From.Bare);
        }
    }

    // GQA-MUC-01 for an owner who has no session: a temporary room waits for somebody as long as an idle one does.
    private async ValueTask<RoomReply> CreateForAsync(Jid owner, CancellationToken ct)
    {
        var world = _knowledge.Plain();
        if (RoomRules.RefuseCreation(Jid, owner, world) is not null)
        {
            return new RoomReply(true, null, "not_allowed");
        }

        var turn = new Turn(RoomRules.New(Jid, owner.Bare, RandomNumberGenerator.GetHexString(32, lowercase: true), _host.Options, isLocked: false), world) { Saves = true };
        turn.Events.Add(new RoomEvent(RoomEventKind.Created));
        await _storage.SaveAsync(turn);
        MucLog.Created(_host.Log, Jid, owner.Bare);
        await CarryOutAsync(turn, ct);
        return RoomReply.Done;
    }

    private async ValueTask TakeTurnAsync(Action<Turn> rule, Stanza? cause, CancellationToken ct)
    {
        var turn = Turn();
        rule(turn);
        await CommitAsync(turn, cause, ct);
    }

    private Turn Turn() => new(_state!, World(_knowledge.Plain()));

    private RoomWorld World(RoomWorld known) => _awaited.Any ? known with { IsAwaited = true } : known;

    private async ValueTask<RoomReply> AdministerAsync(RoomCommand command, CancellationToken ct)
    {
        var turn = Turn();
        var reply = RoomAdministration.Handle(turn, command);
        if (await _storage.SaveAsync(turn) is not null)
        {
            return new RoomReply(true, null, "cannot_modify");
        }

        await CarryOutAsync(turn, ct); // what could not be stored was thrown to who asked
        return reply;
    }

    // XEP-0425 §4: the archive knows more than the history. What nobody knows any more cannot be taken back.
    private async ValueTask ModerateAsync(Turn turn, Moderation moderation, CancellationToken ct)
    {
        var context = new RoomModeration(_host.Host, this, moderation.Id, moderation.Retracted);
        await _host.Host.Hooks.RunAsync(RoomHooks.Moderated, context, ct);
        ModerationRules.Complete(turn, moderation, context.IsKnown);
    }

    /// <summary>What a turn came to becomes true: stored first, then told.</summary>
    /// <returns>False when it could not be stored: that was logged and answered, and the room is as it was.</returns>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one command.")]
    private async ValueTask<bool> CommitAsync(Turn turn, Stanza? cause, CancellationToken ct)
    {
        StanzaError? refusal;
        try
        {
            refusal = await _storage.SaveAsync(turn);
        }
        catch (Exception failure)
        {
            MucLog.CommandFailed(_host.Log, failure, Jid, cause?.Kind ?? "command");
            refusal = failure is StorageBusyException ? StanzaError.ResourceConstraint() : StanzaError.InternalServerError();
        }

        if (refusal is null)
        {
            await CarryOutAsync(turn, ct);
        }
        else if (cause is not null)
        {
            _sending.Reject(cause, refusal);
        }

        return refusal is null;
    }

    private async ValueTask CarryOutAsync(Turn turn, CancellationToken ct)
    {
        var before = _state ?? turn.State;
        if (_state is null)
        {
            MucMetrics.Online(1);
        }

        _state = turn.Ends ? null : turn.State;
        _awaited.Follow(before, _state);
        Note(turn);
        SendAll(turn);
        _sending.Whisper(turn, _host.Host.Server.StanzaIds);
        foreach (var speech in turn.Speeches)
        {
            await SpeakAsync(turn, speech, ct);
        }

        if (turn.Unknown is { } unknown && await _news.AskAsync(turn, unknown, MayRead(turn.State, unknown.From!), ct) is { } answer)
        {
            _sending.Send(answer, unknown.From!);
        }

        await _news.TellAsync(turn, before, ct);
    }

    private void Note(Turn turn)
    {
        foreach (var session in turn.Came)
        {
            _host.Visits.Enter(session, _placed.Key);
        }

        foreach (var session in turn.Went)
        {
            _host.Visits.Leave(session, _placed.Key);
            _limits?.Drop(session);
        }

        foreach (var (session, occupant) in turn.Left)
        {
            _limits?.Left(session, occupant);
        }

        if (turn.Ends)
        {
            _limits?.RoomEnded();
        }
    }

    private void SendAll(Turn turn)
    {
        foreach (var (stanza, to) in turn.Deliveries)
        {
            _sending.Send(stanza, to);
        }

        turn.Deliveries.Clear();
    }

    // MUC-041: the archive and others see it before anybody gets it.
    private async ValueTask SpeakAsync(Turn turn, Speech speech, CancellationToken ct)
    {
        var message = speech.Message;
        var server = _host.Host.Server;
        var origin = speech.Sender is FullJid full ? await server.Sessions.FindAsync(full, ct) as Session : null;
        if (!_host.Host.Hooks.IsEmpty(RoomHooks.Message))
        {
            var context = new RoomMessageContext(_host.Host, this, message, speech.Sender.Equals(Jid) ? null : speech.Sender, origin)
            {
                Affiliation = speech.Affiliation?.Word(),
                Role = speech.Role?.Word(),
                Held = _held is { } gathered ? gathered.Add : null,
            };
            if (await _host.Host.Hooks.RunAsync(RoomHooks.Message, context, ct) is HookResult.Stop)
            {
                return;
            }

            message = context.Message;
        }

        MessageRules.Say(turn, speech, message, server.StanzaIds.Next);
        MucMetrics.Broadcast();
        if (_state is not null)
        {
            _state = turn.State;
        }

        SendAll(turn);
        var written = _storage.KeepHistory(turn.State);
        if (_held is { } held)
        {
            held.Add(written);
        }
        else
        {
            origin?.Watermark.Hold(written);
        }
    }

    private bool MayRead(RoomState room, Jid user) => AccessRules.MayRead(room, user, _policy.IsAdmin(user));

    // MUC-101
    private async ValueTask TickAsync(bool mayStop)
    {
        _limits?.Sweep();
        if (_state is null)
        {
            return;
        }

        await _storage.FlushAsync();
        switch (_rest.Judge(_state, mayStop, _storage.IsBehind))
        {
            case RestVerdict.Retire:
                Retire();
                break;
            case RestVerdict.Stop:
                await StopAsync("The room is stopped because nobody uses it.");
                break;
            case RestVerdict.Hibernate:
                _state = _state with { Occupants = _state.Occupants.SetItems(_state.Occupants.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Slim()))) };
                _rest.Hibernate();
                break;
        }
    }

    // MUC-052: everybody is sent out, nothing is forgotten.
    private async ValueTask StopAsync(string reason)
    {
        if (_state is null)
        {
            return;
        }

        var turn = Turn();
        foreach (var occupant in turn.State.Occupants.Values)
        {
            foreach (var session in occupant.Sessions)
            {
                turn.Send(PresenceWriter.Unavailable(turn.State, occupant, session, null, false, PresenceExtras.None with { Codes = [110, 332], Reason = reason }), session.Jid);
            }
        }

        turn.Went.AddRange(turn.State.Sessions.Keys);
        turn.State = turn.State with { Occupants = turn.State.Occupants.Clear(), Sessions = turn.State.Sessions.Clear() };
        turn.Events.Add(new RoomEvent(RoomEventKind.Stopped));
        await CommitAsync(turn, null, CancellationToken.None);
        await _storage.FlushAsync();
        Retire();
    }

    private void Retire()
    {
        _isRetired = true;
        MucMetrics.Online(-1);
        MucMetrics.DeepHibernated();
        _isLoaded = false;
        _state = null;
    }
}
