using System.Collections.Concurrent;
using System.Text;
using Meerkat.Core.Cluster;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Conformance.Cluster;

/// <summary>What every link between nodes does (architecture §6). One node alone has none.</summary>
public abstract class NodeLinkSuite : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly FullJid s_bob = FullJid.Parse("bob@one.example/phone");

    private readonly ConcurrentQueue<SessionStanza> _arrived = new();
    private readonly ConcurrentQueue<SessionStanza> _undelivered = new();
    private INodeLink _here = null!;
    private INodeLink _there = null!;

    public async ValueTask InitializeAsync()
    {
        Ns.RegisterWellKnown();
        (_here, _there) = await StartAsync();
        _here.Undelivered = (_, stanza, _) => _undelivered.Enqueue(stanza);
        _there.Deliver = (_, stanza) => _arrived.Enqueue(stanza);
        _there.Serve(NodeVerb.FirstOther, (_, body) => body.Span.SequenceEqual("fail"u8) ? throw new InvalidOperationException("as it was told") : new(Encoding.UTF8.GetBytes($"{_arrived.Count} {body.Length}")));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Stanzas_arrive_once_and_in_order_and_a_question_behind_them()
    {
        for (var round = 0; round < 20; round++)
        {
            for (var n = 0; n < 100; n++)
            {
                Assert.True(_here.TrySend(_there.Self, Of($"{(round * 100) + n}")));
            }

            Assert.Equal($"{(round + 1) * 100} 3", await AskAsync("all"));
        }

        Assert.Equal(Enumerable.Range(0, 2000).Select(n => $"{n}"), _arrived.Select(stanza => stanza.Stanza.Id));
        Assert.All(_arrived, stanza => Assert.Equal((77, s_bob, true), (stanza.Session, stanza.Jid, stanza.PastFilters)));
    }

    [Fact]
    public async Task What_the_other_side_throws_is_the_asker_s_and_what_comes_behind_is_served()
    {
        await Assert.ThrowsAsync<NodeRefusedException>(() => AskAsync("fail"));
        await Assert.ThrowsAsync<NodeRefusedException>(async () => await _here.AskAsync(_there.Self, NodeVerb.FirstOther + 1, default, None)); // nobody serves it
        Assert.Equal("0 3000000", await AskAsync(new string('x', 3_000_000)));
        Assert.True(_here.TryPost(_there.Self, NodeVerb.FirstOther, "fail"u8.ToArray())); // nobody hears of it
        Assert.Equal("0 1", await AskAsync("x"));
    }

    [Fact]
    public async Task What_a_node_did_not_take_before_it_left_is_told_and_nothing_more_is_taken_for_it()
    {
        Assert.True(_here.TrySend(_there.Self, Of("arrives")));
        Assert.Equal("1 1", await AskAsync("x"));
        var asking = Task.CompletedTask;
        await LeaveAsync(() =>
        {
            Assert.True(_here.TrySend(_there.Self, Of("too late")));
            asking = _here.AskAsync(_there.Self, NodeVerb.FirstOther, "x"u8.ToArray(), None).AsTask();
        });
        await Assert.ThrowsAsync<NodeUnreachableException>(() => asking.WaitAsync(s_patience));
        Assert.Equal("too late", Assert.Single(_undelivered).Stanza.Id);
        Assert.False(_here.TrySend(_there.Self, Of("later still")));
        Assert.False(_here.TryPost(_there.Self, NodeVerb.FirstOther, default));
        Assert.Equal("arrives", Assert.Single(_arrived).Stanza.Id);
    }

    /// <summary>Starts two nodes.</summary>
    protected abstract ValueTask<(INodeLink Here, INodeLink There)> StartAsync();

    /// <summary>The second one reaches nobody any more; ends when the first one sees that it has left.</summary>
    /// <param name="meanwhile">Done when it is not reached, and not seen to have left yet.</param>
    protected abstract ValueTask LeaveAsync(Action meanwhile);

    protected abstract ValueTask StopAsync();

    private async Task<string> AskAsync(string what) => Encoding.UTF8.GetString((await _here.AskAsync(_there.Self, NodeVerb.FirstOther, Encoding.UTF8.GetBytes(what), None).AsTask().WaitAsync(s_patience)).Span);

    private static SessionStanza Of(string id) =>
        new(77, s_bob, Message.Create(MessageType.Chat, FullJid.Parse("alice@one.example/web"), s_bob, id, new XmlBuilder("body", Ns.Client).Text("b").Build()), PastFilters: true);
}
