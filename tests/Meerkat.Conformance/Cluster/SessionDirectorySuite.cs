using Meerkat.Core.Sessions;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Conformance.Cluster;

/// <summary>What every directory of sessions does, on one node and on several: what was bound on the first node is looked up on the last (CORE-124, CORE-148).</summary>
public abstract class SessionDirectorySuite : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid s_bob = BareJid.Parse("bob@example.test");

    private IReadOnlyList<TestServer> _nodes = [];

    private TestServer First => _nodes[0];

    private TestServer Last => _nodes[^1];

    private ISessionDirectory Seen => Last.Context.Sessions;

    public async ValueTask InitializeAsync() => _nodes = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_was_bound_is_found_everywhere_in_the_order_of_binding()
    {
        Assert.Empty(await Seen.FindAsync(s_bob, None));
        await using var phone = await First.ConnectAsync("bob", "phone");
        await using var tablet = await Last.ConnectAsync("bob", "tablet");
        await using var desk = await First.ConnectAsync("bob", "desk");
        await using var alice = await First.ConnectAsync("alice", "web");
        foreach (var node in _nodes)
        {
            var found = await node.Context.Sessions.FindAsync(s_bob, None);
            Assert.Equal(["phone", "tablet", "desk"], found.Select(session => session.Jid.Resource));
            Assert.Equal(found.Select(session => session.Order), found.Select(session => session.Order).Order().Distinct());
            Assert.Equal(desk.Jid, (await node.Context.Sessions.FindAsync(FullJid.Parse(desk.Jid), None))?.Jid.ToString());
            Assert.Null(await node.Context.Sessions.FindAsync(s_bob.WithResource("none"), None));
        }
    }

    [Fact] // CORE-124
    public async Task The_younger_of_two_with_one_full_jid_is_there_and_the_older_one_ends()
    {
        await using var old = await First.ConnectAsync("bob", "phone");
        await using var young = await Last.ConnectAsync("bob", "phone");
        await old.ExpectStreamErrorAsync("conflict");
        foreach (var node in _nodes)
        {
            Assert.Single(await node.Context.Sessions.FindAsync(s_bob, None));
        }

        Assert.Same(young.Connection.Stream.Session, Assert.Single(await Last.Context.Sessions.FindAsync(s_bob, None)));
    }

    [Fact] // CORE-124
    public async Task Of_many_that_bind_one_full_jid_at_once_one_is_left()
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, 6).Select(async i =>
        {
            try
            {
                return await _nodes[i % _nodes.Count].ConnectAsync("bob", "phone");
            }
            catch (InvalidOperationException replaced) when (replaced.Message.Contains("conflict", StringComparison.Ordinal))
            {
                return null; // before it heard that it was bound
            }
        }));
        while (_nodes.Sum(node => node.Context.Sessions.Count) != 1)
        {
            await Task.Yield();
        }

        var left = _nodes.SelectMany(node => node.Context.Sessions.Local).Single();
        foreach (var node in _nodes)
        {
            Assert.Equal(left.Order, Assert.Single(await node.Context.Sessions.FindAsync(s_bob, None)).Order);
        }

        foreach (var client in clients)
        {
            await (client?.DisposeAsync() ?? default);
        }
    }

    [Fact]
    public async Task What_ends_is_found_no_more_and_is_taken_out_once()
    {
        await using var phone = await First.ConnectAsync("bob", "phone");
        Assert.Single(await Seen.FindAsync(s_bob, None));
        var session = phone.Connection.Stream.Session!;
        Assert.True(await First.Context.Sessions.UnbindAsync(session, None));
        Assert.False(await First.Context.Sessions.UnbindAsync(session, None));
        Assert.Empty(await Seen.FindAsync(s_bob, None));
        Assert.Null(await Seen.FindAsync(FullJid.Parse(phone.Jid), None));
        Assert.Empty(First.Context.Sessions.Local);
    }

    [Fact]
    public async Task A_change_that_was_published_is_seen_everywhere()
    {
        await using var phone = await First.ConnectAsync("bob", "phone");
        Assert.Equal(0, Assert.Single(await Seen.FindAsync(s_bob, None)).Priority);
        var session = phone.Connection.Stream.Session!;
        for (var priority = 1; priority <= 20; priority++)
        {
            session.SetAvailable(Assert.IsType<Presence>(StanzaReader.ReadTrusted(Xml.XmlElement.Parse($"<presence xmlns='jabber:client' from='{phone.Jid}'><show>dnd</show><priority>{priority}</priority></presence>", ""))));
            await First.Context.Sessions.PublishAsync(session, None);
            var seen = Assert.Single(await Seen.FindAsync(s_bob, None));
            Assert.Equal((priority, "dnd"), (seen.Priority, seen.Presence?.Element.ChildText("show")));
        }

        session.SetUnavailable();
        await First.Context.Sessions.PublishAsync(session, None);
        Assert.Null(Assert.Single(await Seen.FindAsync(s_bob, None)).Priority);
    }

    [Fact]
    public async Task A_node_counts_and_lists_its_own()
    {
        await using var phone = await First.ConnectAsync("bob", "phone");
        await using var tablet = await Last.ConnectAsync("bob", "tablet");
        Assert.Equal(2, _nodes.Sum(node => node.Context.Sessions.Count));
        Assert.Equal(["phone", "tablet"], _nodes.SelectMany(node => node.Context.Sessions.Local).Select(session => session.Jid.Resource).Order());
        Assert.Equal(2 - First.Context.Sessions.Count, await First.Context.Sessions.CountElsewhereAsync(s_bob, None));
        Assert.Equal(2 - First.Context.Sessions.Count, (await First.Context.Sessions.ListElsewhereAsync(s_bob.DomainJid, None)).Count);
    }

    [Fact]
    public async Task What_is_delivered_to_a_session_that_was_found_reaches_its_client_in_order()
    {
        await using var phone = await First.ConnectAsync("bob", "phone");
        var found = Assert.Single(await Seen.FindAsync(s_bob, None));
        for (var i = 0; i < 100; i++)
        {
            Assert.True(found.Deliver(Message.Create(MessageType.Chat, s_bob, FullJid.Parse(phone.Jid), $"{i}", new Xml.XmlBuilder("body", Ns.Client).Text("b").Build())));
        }

        for (var i = 0; i < 100; i++)
        {
            Assert.Equal($"{i}", (await phone.ReceiveAsync(element => element.Name == "message")).Attribute("id"));
        }
    }

    /// <summary>Starts the nodes: one, or several that share the domain <c>example.test</c>.</summary>
    protected abstract ValueTask<IReadOnlyList<TestServer>> StartAsync();

    protected abstract ValueTask StopAsync();
}
