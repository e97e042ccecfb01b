using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Storage;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Cluster;

/// <summary>The authority for accounts' sessions in the memory of the cluster itself: each account has one among the members, and another one that keeps a copy of what it says.</summary>
/// <remarks>
/// <para>Who it is follows from the account and the view alone (<see cref="RegistryPlaces"/>), so nobody has to be asked. A question names the view that it was asked in, and is answered only in that view:
/// two nodes are never the authority of one account at one time.</para>
/// <para>With each view, every node tells each other one what lives on it; a node answers once all members have told. What was known of sessions of nodes that are gone stays, until somebody takes it
/// (<see cref="TakeLostAsync"/>): on the authority, or where that is gone too, on the one that had the copy.</para>
/// </remarks>
public sealed class SpreadSessionRegistry : ISessionRegistry, IDisposable
{
    private const string Namespace = RegistryMessages.Namespace;
    private const int TellAtOnce = 500;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    private readonly INodeLink _link;
    private readonly IClusterMembers _members;
    private readonly Func<IReadOnlyList<SessionRecord>> _living;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly Dictionary<ClusterNode, Dictionary<long, SessionRecord>> _lost = [];
    private volatile RegistryTerm _term;
    private volatile bool _isStopped;

    /// <summary>Begins with the view that there is.</summary>
    /// <param name="link">The way to other nodes.</param>
    /// <param name="members">Which nodes there are.</param>
    /// <param name="living">The sessions of this node, those that are being bound among them.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Told of what goes wrong.</param>
    public SpreadSessionRegistry(INodeLink link, IClusterMembers members, Func<IReadOnlyList<SessionRecord>> living, TimeProvider time, ILogger<SpreadSessionRegistry> log)
    {
        _link = link;
        _members = members;
        _living = living;
        _time = time;
        _log = log;
        link.Serve(NodeVerb.Registry, (_, body) => AnswerAsync(body));
        link.Serve(NodeVerb.RegistrySessions, HearAsync);
        _term = new RegistryTerm(members.View);
        members.Changed += See;
        Begin(_term);
    }

    /// <inheritdoc/>
    public event Action<bool>? Reset;

    /// <summary>How long a question waits for a node that does not answer (<see cref="ClusterOptions.Patience"/>). Default 10 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public async ValueTask<RegistryChange> BindAsync(SessionRecord session, bool again, CancellationToken ct) =>
        RegistryMessages.ChangeOf(await AskAsync(session.Jid.Bare, "bind", builder => builder.Attribute("again", again ? "1" : null).Add(session.Encode()), ct))!;

    /// <inheritdoc/>
    public async ValueTask<RegistryChange?> UpdateAsync(SessionRecord session, CancellationToken ct) => RegistryMessages.ChangeOf(await AskAsync(session.Jid.Bare, "update", builder => builder.Add(session.Encode()), ct));

    /// <inheritdoc/>
    public async ValueTask<RegistryChange?> UnbindAsync(SessionRecord session, CancellationToken ct) => RegistryMessages.ChangeOf(await AskAsync(session.Jid.Bare, "unbind", builder => builder.Add(session.Encode()), ct));

    /// <inheritdoc/>
    public async ValueTask<AccountSessions> FindAsync(BareJid account, ClusterNode holder, CancellationToken ct) =>
        RegistryMessages.ChangeOf(await AskAsync(account, "find", builder => builder.Attribute("holder", holder.ToString()), ct))!.Now;

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(IReadOnlyList<BareJid> accounts, ClusterNode holder, CancellationToken ct)
    {
        foreach (var account in accounts)
        {
            await AskAsync(account, "release", builder => builder.Attribute("holder", holder.ToString()), ct);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Only what this node has to say: every member has a part of it.</remarks>
    public ValueTask<IReadOnlyList<SessionRecord>> TakeLostAsync(ClusterNode node, int max, CancellationToken ct)
    {
        lock (_gate)
        {
            if (!_lost.TryGetValue(node, out var lost))
            {
                return new([]);
            }

            SessionRecord[] taken = [.. lost.Values.Take(max)];
            foreach (var session in taken)
            {
                lost.Remove(session.Order);
            }

            if (lost.Count == 0)
            {
                _lost.Remove(node);
            }

            return new(taken);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Only what this node has to say: every member has a part of it.</remarks>
    public async ValueTask<IReadOnlyList<ClusterNode>> NodesAsync(CancellationToken ct)
    {
        try
        {
            await _term.Told.WaitAsync(Patience, _time, ct);
        }
        catch (TimeoutException failure)
        {
            throw new StorageUnavailableException("not all nodes have told what lives on them", failure);
        }

        lock (_gate)
        {
            return [.. _term.Table.Nodes().Concat(_lost.Keys).Distinct().Order()];
        }
    }

    /// <summary>Follows no view any more.</summary>
    public void Dispose()
    {
        _isStopped = true;
        _members.Changed -= See;
    }

    private async ValueTask<XmlElement> AskAsync(BareJid account, string kind, Action<XmlBuilder> add, CancellationToken ct)
    {
        var began = _time.GetTimestamp();
        while (true)
        {
            var term = _term;
            var authority = RegistryPlaces.Of(account, term.View).First;
            var builder = new XmlBuilder("ask", Namespace).Attribute("view", RegistryMessages.Text(term.View.Version)).Attribute("kind", kind).Attribute("account", account.ToString()).Attribute("by", _link.Self.ToString());
            add(builder);
            try
            {
                var reply = RegistryCodec.Parse((await _link.AskAsync(authority, NodeVerb.Registry, builder.Build().ToUtf8(), ct).AsTask().WaitAsync(Patience, _time, ct)).Span).Detach();
                if (reply.Name != "stale")
                {
                    return reply;
                }
            }
            catch (Exception failure) when (failure is NodeUnreachableException or NodeRefusedException or TimeoutException)
            {
                if (_isStopped || _time.GetElapsedTime(began) > Patience)
                {
                    throw new StorageUnavailableException($"node {authority} does not say which sessions {account} has: {failure.Message}", failure);
                }
            }

            if (_isStopped || _time.GetElapsedTime(began) > Patience)
            {
                throw new StorageUnavailableException("the nodes do not agree who they are");
            }

            await Task.Delay(s_pause, _time, ct);
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(ReadOnlyMemory<byte> body)
    {
        var asked = RegistryCodec.Parse(body.Span).Detach();
        var term = _term;
        var account = BareJid.Parse(asked.Attribute("account")!);
        if (RegistryMessages.Number(asked, "view") != term.View.Version || RegistryPlaces.Of(account, term.View).First != _link.Self)
        {
            return RegistryMessages.Stale();
        }

        await term.Told.WaitAsync(Patience, _time);
        if (_term != term)
        {
            return RegistryMessages.Stale();
        }

        var table = term.Table;
        var session = asked.FirstChild is { } child ? SessionRecord.Decode(child) : null;
        var holder = ClusterNode.TryParse(asked.Attribute("holder"), out var named) ? named : default;
        var change = asked.Attribute("kind") switch
        {
            "bind" => table.Bind(session!, asked.Attribute("again") is not null),
            "update" => table.Update(session!),
            "unbind" => table.Unbind(session!),
            "find" => new RegistryChange(table.Find(account, holder), null, []),
            "release" => Release(),
            var other => throw new NodeRefusedException($"a registry is not asked to {other}"),
        };
        if (session is not null && change is not null && RegistryPlaces.Of(account, term.View).Second is { } second)
        {
            _link.TryPost(second, NodeVerb.RegistrySessions, RegistryMessages.Copy(term.View, change.Now));
        }

        return RegistryMessages.Encode(change);

        RegistryChange? Release()
        {
            table.Release([account], holder);
            return null;
        }
    }

    // What lives on a node, or a copy of what its authority says.
    private async ValueTask<ReadOnlyMemory<byte>> HearAsync(ClusterNode from, ReadOnlyMemory<byte> body)
    {
        var told = RegistryCodec.Parse(body.Span).Detach();
        var version = RegistryMessages.Number(told, "view");
        for (var waited = TimeSpan.Zero; _term.View.Version < version && waited < Patience; waited += s_pause)
        {
            await Task.Delay(s_pause, _time);
        }

        var term = _term;
        if (term.View.Version != version)
        {
            return ReadOnlyMemory<byte>.Empty; // it is told again
        }

        foreach (var child in told.Children)
        {
            if (told.Name == "copy")
            {
                term.Copies.Copy(RegistryCodec.DecodeAccount(child));
            }
            else if (Tell(term, SessionRecord.Decode(child)) is { } older)
            {
                _ = EndAsync(older);
            }
        }

        if (told.Attribute("last") is not null)
        {
            term.Hear(from);
        }

        return ReadOnlyMemory<byte>.Empty;
    }

    // The one that has to end, whichever of the two was told first.
    private static SessionRecord? Tell(RegistryTerm term, SessionRecord session)
    {
        var change = term.Table.Bind(session, again: true);
        return change.Replaced ?? (change.Now.Sessions.Any(session.IsSame) ? null : session);
    }

    private void See(ClusterView view)
    {
        var before = _term;
        var term = new RegistryTerm(view);
        lock (_gate)
        {
            KeepLost(before, view);
            _term = term;
        }

        before.End();
        Reset?.Invoke(false);
        Begin(term);
    }

    // Under the lock.
    private void KeepLost(RegistryTerm before, ClusterView view)
    {
        foreach (var account in before.Table.All())
        {
            KeepLost(account, view);
        }

        foreach (var account in before.Copies.All())
        {
            var (first, second) = RegistryPlaces.Of(account.Account, before.View);
            if (second == _link.Self && !view.Has(first))
            {
                KeepLost(account, view);
            }
        }
    }

    private void KeepLost(AccountSessions account, ClusterView view)
    {
        foreach (var session in account.Sessions)
        {
            if (!view.Has(session.Node))
            {
                if (!_lost.TryGetValue(session.Node, out var lost))
                {
                    _lost[session.Node] = lost = [];
                }

                lost[session.Order] = session;
            }
        }
    }

    private void Begin(RegistryTerm term) => _ = Task.Run(() => TellAllAsync(term));

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is logged and tried again.")]
    private async Task TellAllAsync(RegistryTerm term)
    {
        var byAuthority = _living().ToLookup(session => RegistryPlaces.Of(session.Jid.Bare, term.View).First);
        await Task.WhenAll(term.View.Nodes.Select(async node =>
        {
            while (_term == term && !_isStopped)
            {
                try
                {
                    foreach (var part in byAuthority[node].Chunk(TellAtOnce).Append([]))
                    {
                        var builder = new XmlBuilder("living", Namespace).Attribute("view", RegistryMessages.Text(term.View.Version)).Attribute("last", part.Length == 0 ? "1" : null);
                        builder.Add(part.Select(session => session.Encode()));
                        await _link.AskAsync(node, NodeVerb.RegistrySessions, builder.Build().ToUtf8(), CancellationToken.None);
                    }

                    return;
                }
                catch (Exception failure)
                {
                    ClusterLog.RegistryAway(_log, failure.Message);
                    await Task.Delay(s_pause, _time);
                }
            }
        }));
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: a session's own node finds out at the next change.")]
    private async Task EndAsync(SessionRecord replaced)
    {
        try
        {
            await _link.AskAsync(replaced.Node, NodeVerb.EndSession, SessionCommands.End(new RemoteSession(replaced, _link), StreamError.Replaced, isReplaced: true), CancellationToken.None);
        }
        catch (Exception failure)
        {
            ClusterLog.CleanUpFailed(_log, failure, replaced.Jid, replaced.Node);
        }
    }
}
