using System.Collections.Concurrent;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;

namespace Meerkat.Core.Cluster;

/// <summary>A session on another node, as that node has told of it. Equal to every other one of the same session, older and newer. Safe for concurrent use.</summary>
public sealed class RemoteSession : IBoundSession, IEquatable<RemoteSession>
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly INodeLink _link;
    private readonly ConcurrentDictionary<string, object>? _states;
    private Presence? _presence;
    private readonly Lock _sending = new();
    private SessionWay? _way;
    private RemoteSession? _heir;

    internal RemoteSession(SessionRecord record, INodeLink link)
    {
        Record = record;
        _link = link;
        _states = record.States.Count == 0 ? null : new ConcurrentDictionary<string, object>(StringComparer.Ordinal);
    }

    /// <summary>What is known of it.</summary>
    public SessionRecord Record { get; }

    /// <inheritdoc/>
    public FullJid Jid => Record.Jid;

    /// <inheritdoc/>
    public long Order => Record.Order;

    /// <summary>The node that it lives on.</summary>
    public ClusterNode Node => Record.Node;

    /// <inheritdoc/>
    public int? Priority => Record.Priority;

    /// <inheritdoc/>
    public Presence? Presence => Record.Presence is { } element ? _presence ??= StanzaReader.ReadTrusted(element) as Presence : null;

    /// <inheritdoc/>
    public object? GetState(SessionStateKey key)
    {
        if (_states is null)
        {
            return null;
        }

        return _states.TryGetValue(key.Name, out var known) ? known : Record.States.TryGetValue(key.Name, out var encoded) ? _states.GetOrAdd(key.Name, key.Decode(encoded)) : null;
    }

    /// <summary>Sends the stanza to the session's node.</summary>
    /// <returns>False when the node has left, or too much waits for it. A session that has ended meanwhile does not take it: its node sends it elsewhere then, as what an ended session leaves behind.</returns>
    public bool Deliver(Stanza stanza) => TrySend(new SessionStanza(Order, Jid, stanza, PastFilters: false));

    /// <summary>An answer of the server itself: past every filter.</summary>
    internal bool Reply(Stanza stanza) => TrySend(new SessionStanza(Order, Jid, stanza, PastFilters: true));

    /// <summary>What keeps the order while the session moves; null for one that has not moved as far as this node knows.</summary>
    internal SessionWay? Way
    {
        get => Volatile.Read(ref _way);
        set
        {
            lock (_sending)
            {
                _way = value;
            }
        }
    }

    /// <summary>Something newer is known of its address: whoever looked this one up before, and sends to it now, sends to that one, in its turn. What was sent before is with the link.</summary>
    internal void GiveWayTo(RemoteSession heir)
    {
        lock (_sending)
        {
            _heir = heir;
        }
    }

    /// <summary>Waits while much waits for its node.</summary>
    internal ValueTask ReadyAsync(CancellationToken ct) => _link.ReadyAsync(Node, ct);

    /// <inheritdoc/>
    public void Kick(StreamError error) => _link.TryPost(Node, NodeVerb.EndSession, SessionCommands.End(this, error, isReplaced: false));

    /// <summary>Told when its node left before it could end it for another session (<see cref="Replace"/>).</summary>
    internal Action<SessionRecord>? Lost { get; init; }

    /// <summary>Another session took its full JID (CORE-124). Nobody waits for its end.</summary>
    internal void Replace() => _ = ReplaceAsync();

    /// <summary>Ends it as <see cref="Kick"/>, and waits until it has ended: who lists sessions next does not find it any more.</summary>
    /// <returns>False when it was not there any more. True where its node does not answer: it ends when that hears of it, or with the node.</returns>
    internal async ValueTask<bool> EndAsync(StreamError error, CancellationToken ct)
    {
        try
        {
            return !(await _link.AskAsync(Node, NodeVerb.EndSession, SessionCommands.End(this, error, isReplaced: false), ct).AsTask().WaitAsync(s_patience, ct)).IsEmpty;
        }
        catch (Exception failure) when (failure is NodeUnreachableException or NodeRefusedException or TimeoutException)
        {
            return true;
        }
    }

    /// <summary>Lets it send a presence, as if its client had.</summary>
    /// <returns>False when it was not there any more, or its node does not answer.</returns>
    internal async ValueTask<bool> SendPresenceAsync(Presence presence, CancellationToken ct)
    {
        try
        {
            return !(await _link.AskAsync(Node, NodeVerb.SendPresence, SessionCommands.Send(this, presence), ct).AsTask().WaitAsync(s_patience, ct)).IsEmpty;
        }
        catch (Exception failure) when (failure is NodeUnreachableException or NodeRefusedException or TimeoutException)
        {
            return false;
        }
    }

    private async Task ReplaceAsync()
    {
        try
        {
            await _link.AskAsync(Node, NodeVerb.EndSession, SessionCommands.End(this, StreamError.Replaced, isReplaced: true), CancellationToken.None);
        }
        catch (NodeUnreachableException)
        {
            Lost?.Invoke(Record);
        }
        catch (NodeRefusedException)
        {
            // It is logged there.
        }
    }

    // Under the lock: what finds no way and no heir set is with the link before one is.
    private bool TrySend(SessionStanza stanza)
    {
        for (var session = this; ;)
        {
            lock (session._sending)
            {
                if (session._heir is null)
                {
                    var sent = stanza with { Session = session.Order };
                    return session._way is { } way ? way.TrySend(session.Node, sent) : _link.TrySend(session.Node, sent);
                }

                session = session._heir;
            }
        }
    }

    /// <inheritdoc/>
    public bool Equals(RemoteSession? other) => other is not null && Record.IsSame(other.Record);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RemoteSession);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Order, Node);
}
