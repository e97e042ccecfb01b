using Meerkat.Core.Sessions;
using Meerkat.Core.Shaping;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>What a room's limits say to a stanza.</summary>
internal enum LimitVerdict
{
    /// <summary>Now.</summary>
    Pass,

    /// <summary>It was queued: the room is told when it is due.</summary>
    Queued,

    /// <summary>One waits already (<c>resource-constraint</c>).</summary>
    Refused,
}

/// <summary>Keeps each user of a room to his rate (MUC-046): one message too early waits, a second one is refused; of presences too early each session's last one waits; and nobody else notices. Belongs to its room, like everything in it.</summary>
/// <remarks>
/// A message that waits is said, or answered, once: its sender may have gone meanwhile (<see cref="Left"/>), unless his client was told that it was not handled and sends it again (XEP-0198 §5).
/// </remarks>
/// <param name="settings">The rates.</param>
/// <param name="time">The clock.</param>
/// <param name="due">Called, from any thread, when something that waits is due: for whom, and whether it is a message. False when the room could not be told: it is tried again.</param>
internal sealed class RoomLimits(RoomLimitSettings settings, TimeProvider time, Func<BareJid, bool, bool> due)
{
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    private readonly Dictionary<BareJid, User> _users = [];
    private readonly TokenBucket? _room = settings.Room is { } rate ? new TokenBucket(rate, time) : null;

    /// <summary>Whether anybody waits.</summary>
    public bool IsIdle => _users.Values.All(user => user.IsIdle);

    /// <summary>Messages to everybody and available presences of an occupant are limited, nothing else is.</summary>
    /// <param name="stanza">The stanza of an occupant.</param>
    /// <param name="order">When its sender's session was bound.</param>
    /// <param name="queued">What waits now; null for nothing.</param>
    public LimitVerdict Check(Stanza stanza, long order, out Delayed? queued)
    {
        queued = null;
        return stanza switch
        {
            Message { Type: MessageType.Groupchat, To.Resource: null } message => CheckMessage(message, order, out queued),
            Presence { Type: PresenceType.Available } presence => CheckPresence(presence, order, out queued),
            _ => LimitVerdict.Pass,
        };
    }

    /// <summary>Takes what is due, in order; nothing when there is nothing.</summary>
    public IReadOnlyList<Delayed> Release(BareJid jid, bool isMessage)
    {
        if (!_users.TryGetValue(jid, out var user))
        {
            return [];
        }

        IReadOnlyList<Delayed> due;
        if (isMessage)
        {
            due = user.Message is { } message ? [message] : [];
            (user.Message, user.LastMessage) = (null, time.GetTimestamp());
        }
        else
        {
            due = [.. user.Presences];
            user.Presences.Clear();
            user.LastPresence = time.GetTimestamp();
        }

        return due;
    }

    /// <summary>A session is not in the room any more: a presence that it sent before it left is not to bring it back.</summary>
    public void Drop(Jid session)
    {
        if (_users.TryGetValue(session.Bare, out var user) && user.Presences.FindIndex(waiting => waiting.Stanza.From!.Equals(session)) is >= 0 and var at)
        {
            var dropped = user.Presences[at];
            user.Presences.RemoveAt(at);
            _ = dropped.ProcessedAsync([]);
        }
    }

    /// <summary>A session has left by itself: a message that it sent before is said by whom it was then.</summary>
    public void Left(Jid session, Occupant occupant)
    {
        if (_users.TryGetValue(session.Bare, out var user) && user.Message is { } message && message.Stanza.From!.Equals(session))
        {
            message.Sender = occupant;
        }
    }

    /// <summary>The room has ended: in one that is made anew nobody was before.</summary>
    public void RoomEnded()
    {
        foreach (var user in _users.Values)
        {
            if (user.Message is { } message)
            {
                message.Sender = null;
            }
        }
    }

    /// <summary>Forgets those for whom nothing counts any more: not who has just left, he could come back.</summary>
    public void Sweep()
    {
        foreach (var (jid, user) in _users)
        {
            if (user.IsIdle && IsOver(user.LastMessage, settings.MessageInterval) && IsOver(user.LastPresence, settings.PresenceInterval))
            {
                _users.Remove(jid);
            }
        }
    }

    // A message too early waits; a second one is refused.
    private LimitVerdict CheckMessage(Message message, long order, out Delayed? queued)
    {
        queued = null;
        var user = Of(message.From!.Bare);
        if (user.Message is { IsGivenUp: false })
        {
            return LimitVerdict.Refused;
        }

        if (user.Message is { } before)
        {
            // Its client sends it again: this is it, and waits as long as the first would have.
            queued = user.Message = new Delayed(message, order);
            _ = before.ProcessedAsync([]);
            return LimitVerdict.Queued;
        }

        var wait = Longest(Until(user.LastMessage, settings.MessageInterval), user.MessageRate?.Take(1), _room?.Take(1));
        if (wait == TimeSpan.Zero)
        {
            user.LastMessage = time.GetTimestamp();
            return LimitVerdict.Pass;
        }

        queued = user.Message = new Delayed(message, order);
        Arm(message.From.Bare, wait, isMessage: true);
        return LimitVerdict.Queued;
    }

    // A presence too early waits; a later one of the same session takes its place.
    private LimitVerdict CheckPresence(Presence presence, long order, out Delayed? queued)
    {
        queued = null;
        var user = Of(presence.From!.Bare);
        var wait = TimeSpan.Zero;
        if (user.Presences.Count == 0)
        {
            wait = Longest(Until(user.LastPresence, settings.PresenceInterval), user.PresenceRate?.Take(1), null);
            if (wait == TimeSpan.Zero)
            {
                user.LastPresence = time.GetTimestamp();
                return LimitVerdict.Pass;
            }
        }

        var at = user.Presences.FindIndex(waiting => waiting.Stanza.From!.Equals(presence.From));
        queued = at < 0 ? new Delayed(presence, order) : user.Presences[at].With(presence, order);
        if (at < 0)
        {
            user.Presences.Add(queued);
        }
        else
        {
            user.Presences[at] = queued;
        }

        if (wait > TimeSpan.Zero)
        {
            Arm(presence.From.Bare, wait, isMessage: false);
        }

        return LimitVerdict.Queued;
    }

    // A bucket is full again a second after its debt was paid, and nothing was let through in debt.
    private bool IsOver(long? last, TimeSpan interval) => last is not { } before || time.GetElapsedTime(before) >= interval + TimeSpan.FromSeconds(2);

    private User Of(BareJid jid) => _users.TryGetValue(jid, out var known) ? known : _users[jid] = new User
    {
        MessageRate = settings.UserMessages is { } messages ? new TokenBucket(messages, time) : null,
        PresenceRate = settings.UserPresences is { } presences ? new TokenBucket(presences, time) : null,
    };

    private TimeSpan Until(long? last, TimeSpan interval) =>
        last is { } before && time.GetElapsedTime(before) is var passed && passed < interval ? interval - passed : TimeSpan.Zero;

    private static TimeSpan Longest(TimeSpan interval, TimeSpan? user, TimeSpan? room) =>
        TimeSpan.FromTicks(Math.Max(interval.Ticks, Math.Max(user?.Ticks ?? 0, room?.Ticks ?? 0)));

    private void Arm(BareJid jid, TimeSpan wait, bool isMessage)
    {
        ITimer? timer = null;
        timer = time.CreateTimer(
            _ =>
            {
                timer?.Dispose();
                if (!due(jid, isMessage))
                {
                    Arm(jid, s_again, isMessage);
                }
            },
            null,
            wait,
            Timeout.InfiniteTimeSpan);
    }

    private sealed class User
    {
        public TokenBucket? MessageRate { get; init; }

        public TokenBucket? PresenceRate { get; init; }

        public long? LastMessage { get; set; }

        public long? LastPresence { get; set; }

        public Delayed? Message { get; set; }

        // One a session, in the order in which they began to wait.
        public List<Delayed> Presences { get; } = [];

        public bool IsIdle => Message is null && Presences.Count == 0;
    }
}

/// <summary>A stanza that waits.</summary>
internal sealed class Delayed
{
    private readonly TaskCompletionSource _processed;
    private Watermark? _counts;
    private bool _hasBegun;

    public Delayed(Stanza stanza, long order)
        : this(stanza, order, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
    {
    }

    private Delayed(Stanza stanza, long order, TaskCompletionSource processed)
    {
        Stanza = stanza;
        Order = order;
        _processed = processed;
    }

    public Stanza Stanza { get; }

    /// <summary>When its sender's session was bound.</summary>
    public long Order { get; }

    /// <summary>Who its sender was when he left by himself; null while he is there, and when he was removed.</summary>
    public Occupant? Sender { get; set; }

    /// <summary>Whether its client was told that it was not handled, or has lost its session without a word: it sends it again, if it wants to.</summary>
    public bool IsGivenUp => _counts is { IsSettled: true };

    /// <summary>Another stanza in its place: whoever waits, waits for that one.</summary>
    public Delayed With(Stanza stanza, long order) => new(stanza, order, _processed);

    /// <summary>Its sender's session does not count it before it has been processed and what had to be written for it is written (XEP-0198 §4).</summary>
    public void HoldBack(Session origin)
    {
        origin.Watermark.Hold(_processed.Task);
        _counts = origin.ResumptionId is null ? null : origin.Watermark; // without stream management nobody is told
    }

    /// <summary>It is going to be processed.</summary>
    /// <returns>False when it is given up, and must not be.</returns>
    public bool TryBegin() => _hasBegun = _counts is null || _counts.TryBeginHeld();

    /// <summary>It was processed, or is not to be: whoever waits hears of it when all that had to be written for it is.</summary>
    public async Task ProcessedAsync(IReadOnlyList<Task> written)
    {
        await Task.WhenAll(written).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _processed.TrySetResult();
        if (_hasBegun)
        {
            _counts?.FinishHeld();
        }
    }
}

/// <summary>The rates of a service's rooms.</summary>
/// <param name="Room">Messages a second in a room; null for no limit.</param>
/// <param name="UserMessages">Messages a second of a user; null for no limit.</param>
/// <param name="UserPresences">Presences a second of a user; null for no limit.</param>
/// <param name="MessageInterval">Time between two messages of a user.</param>
/// <param name="PresenceInterval">Time between two presences of a user.</param>
internal sealed record RoomLimitSettings(int? Room, int? UserMessages, int? UserPresences, TimeSpan MessageInterval, TimeSpan PresenceInterval)
{
    public bool HasAny => Room is not null || UserMessages is not null || UserPresences is not null || MessageInterval > TimeSpan.Zero || PresenceInterval > TimeSpan.Zero;

    /// <exception cref="InvalidOperationException">An option names a shaper that is not there.</exception>
    public static RoomLimitSettings Of(MucOptions options, IReadOnlyDictionary<string, ShaperOptions> shapers)
    {
        return new RoomLimitSettings(
            Rate("room_shaper", options.RoomShaper), Rate("user_message_shaper", options.UserMessageShaper), Rate("user_presence_shaper", options.UserPresenceShaper),
            options.MinMessageInterval, options.MinPresenceInterval);

        int? Rate(string key, string name) => name == ShaperOptions.None ? null
            : shapers.TryGetValue(name, out var shaper) ? shaper.MaxRate
            : throw new InvalidOperationException($"mod_muc: {key} names \"{name}\", which is not under [shaper]");
    }
}
